-- feature: unique keys in which NULL equals NULL
-- holds: SELECT count(*) > 5 FROM slots
CREATE TABLE slot_owners (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE slots (id serial PRIMARY KEY, owner_id int NOT NULL REFERENCES slot_owners, place int, UNIQUE NULLS NOT DISTINCT (owner_id, place));
