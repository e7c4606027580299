-- feature: inheritance
-- holds: SELECT count(*) > 0 FROM ONLY vehicles
CREATE TABLE vehicles (id serial PRIMARY KEY, plate text NOT NULL);
CREATE TABLE lorries (tons int NOT NULL, PRIMARY KEY (id)) INHERITS (vehicles);
CREATE TABLE loads (id serial PRIMARY KEY, lorry_id int NOT NULL REFERENCES lorries);
