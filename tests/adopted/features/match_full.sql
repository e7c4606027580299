-- feature: MATCH FULL, and a reference to a key that is not the primary one
-- holds: SELECT count(*) FILTER (WHERE a IS NULL) > 0 AND count(*) FILTER (WHERE a IS NOT NULL) > 0 FROM wholly
CREATE TABLE parts_of (id serial PRIMARY KEY, a int NOT NULL, b text NOT NULL, code text NOT NULL UNIQUE, UNIQUE (a, b));
CREATE TABLE wholly (id serial PRIMARY KEY, a int, b text, FOREIGN KEY (a, b) REFERENCES parts_of (a, b) MATCH FULL);
CREATE TABLE coded_of (id serial PRIMARY KEY, code text NOT NULL REFERENCES parts_of (code));
