-- feature: an exclusion constraint over two columns
-- holds: SELECT count(*) > 50 AND bool_and(begins < ends) FROM desk_shifts
-- holds: SELECT count(*) > 50 AND count(DISTINCT desk_id) > 5 FROM desk_bookings
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
CREATE TABLE desks (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE desk_bookings (id serial PRIMARY KEY, desk_id int NOT NULL REFERENCES desks, during tstzrange NOT NULL,
    EXCLUDE USING gist (desk_id WITH =, during WITH &&));
CREATE TABLE desk_shifts (id serial PRIMARY KEY, desk_id int NOT NULL REFERENCES desks, begins timestamptz NOT NULL, ends timestamptz NOT NULL,
    CHECK (begins < ends), EXCLUDE USING gist (desk_id WITH =, tstzrange(begins, ends) WITH &&));
