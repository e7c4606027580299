-- feature: a rule that also writes elsewhere
CREATE TABLE ruled (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE ruled_copy (id int, name text);
CREATE RULE ruled_too AS ON INSERT TO ruled DO ALSO INSERT INTO ruled_copy VALUES (NEW.id, NEW.name);
