-- Conditions: this or that, a state and its moment, orders of columns, patterns, lengths, domains.
CREATE DOMAIN postcode AS text CHECK (VALUE ~ '^[A-Z]{2}[0-9]{1,2} [0-9][A-Z]{2}$');
CREATE DOMAIN percentage AS int CHECK (VALUE >= 0 AND VALUE <= 100);
CREATE DOMAIN short_bytes AS text NOT NULL CHECK (octet_length(VALUE) <= 12);
CREATE TABLE payments (
    id int PRIMARY KEY, card_no text, iban text, amount numeric(8, 2) NOT NULL CHECK (amount > 10), fee numeric(8, 2) NOT NULL,
    CONSTRAINT one_way CHECK (num_nonnulls(card_no, iban) = 1), CONSTRAINT small_fee CHECK (fee < amount)
);
CREATE TABLE bookings (
    id int PRIMARY KEY, starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL, state text NOT NULL, cancelled_at timestamptz,
    CHECK (ends_at > starts_at), CHECK (state IN ('held', 'sure', 'off')), CHECK ((state = 'off') = (cancelled_at IS NOT NULL))
);
CREATE TABLE places (
    id int PRIMARY KEY, code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z]{3}-[0-9]{4}$'), post postcode NOT NULL,
    full_share percentage NOT NULL, label short_bytes, low_name text NOT NULL CHECK (low_name = lower(low_name)),
    kind char(1) NOT NULL CHECK (kind = ANY (ARRAY['a', 'b', 'c'])), level int CHECK (level IN (1, 2, 4)),
    min_age int NOT NULL, max_age int NOT NULL, CHECK (min_age <= max_age AND min_age >= 3)
);
CREATE TABLE either (
    id int PRIMARY KEY, place_id int REFERENCES places (id), payment_id int REFERENCES payments (id),
    CHECK ((place_id IS NULL) <> (payment_id IS NULL))
);
