-- Reservations that may not overlap.
CREATE TABLE rooms (id int4range PRIMARY KEY, name text NOT NULL);
CREATE TABLE reservations (id serial PRIMARY KEY, during tstzrange NOT NULL, who text NOT NULL, EXCLUDE USING gist (during WITH &&));
