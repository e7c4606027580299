-- feature: unique keys on expressions
-- holds: SELECT count(*) > 20 FROM people_of
CREATE TABLE people_of (id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, email text NOT NULL, born date NOT NULL);
CREATE UNIQUE INDEX ON people_of (lower(first_name || ' ' || last_name));
CREATE UNIQUE INDEX ON people_of ((lower(trim(email))));
