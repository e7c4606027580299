-- feature: domains over composite types, over enums and over domains; generated columns in unique keys
-- holds: SELECT count(*) > 50 AND bool_and((cost).amount > 0) FROM invoices
-- holds: SELECT count(DISTINCT login_key) = count(*) FROM logins
CREATE TYPE amount_of AS (amount numeric(9,2), currency char(3));
CREATE DOMAIN positive_amount AS amount_of CHECK ((VALUE).amount > 0 AND (VALUE).currency IS NOT NULL);
CREATE TYPE "Invoice State" AS ENUM ('Draft', 'Sent', 'it''s paid');
CREATE DOMAIN final_state AS "Invoice State" CHECK (VALUE <> 'Draft');
CREATE DOMAIN short_text AS varchar(40) CHECK (VALUE <> '');
CREATE DOMAIN shorter_text AS short_text CHECK (char_length(VALUE) <= 12);
CREATE TABLE invoices (id serial PRIMARY KEY, cost positive_amount NOT NULL, state final_state NOT NULL, note shorter_text NOT NULL,
    net numeric(10,2) NOT NULL CHECK (net > 0), tax numeric(10,2) GENERATED ALWAYS AS (net * 0.19) STORED, yearly boolean GENERATED ALWAYS AS (net > 50) STORED);
CREATE TABLE logins (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, login text NOT NULL, login_key text GENERATED ALWAYS AS (lower(login)) STORED UNIQUE,
    day date NOT NULL, month int GENERATED ALWAYS AS (extract(month FROM day)::int) STORED, slot smallint NOT NULL CHECK (slot BETWEEN 1 AND 4), UNIQUE (login_key, month, slot));
