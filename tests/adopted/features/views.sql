-- feature: views among tables
-- holds: SELECT count(*) > 0 FROM readers
-- holds: SELECT count(*) > 0 FROM readers_by_initial
CREATE TABLE books_readers (id serial PRIMARY KEY, name text NOT NULL, active boolean NOT NULL);
CREATE VIEW readers AS SELECT id, name FROM books_readers WHERE active;
CREATE VIEW readers_by_initial AS SELECT left(name, 1) AS initial, count(*) FROM books_readers GROUP BY 1;
CREATE FUNCTION readers_in() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO books_readers (name, active) VALUES (NEW.name, true); RETURN NEW; END $$;
CREATE TRIGGER readers_in INSTEAD OF INSERT ON readers FOR EACH ROW EXECUTE FUNCTION readers_in();
