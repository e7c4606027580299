-- feature: an exclusion constraint over a range
-- holds: SELECT count(*) > 50 FROM reserved
CREATE TABLE reserved (id serial PRIMARY KEY, during tstzrange NOT NULL, EXCLUDE USING gist (during WITH &&));
