-- feature: an exclusion constraint with a predicate
-- holds: SELECT count(*) > 50 FROM hall_bookings
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
CREATE TABLE halls (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE hall_bookings (id serial PRIMARY KEY, hall_id int NOT NULL REFERENCES halls, starts_on date NOT NULL, ends_on date NOT NULL,
    state text NOT NULL CHECK (state IN ('asked', 'sure', 'off')), CHECK (ends_on > starts_on),
    EXCLUDE USING gist (hall_id WITH =, daterange(starts_on, ends_on) WITH &&) WHERE (state <> 'off'));
