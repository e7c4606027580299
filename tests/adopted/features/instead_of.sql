-- feature: views with INSTEAD OF triggers, and triggers of a whole statement
-- holds: SELECT count(*) > 50 FROM items
-- holds: SELECT sum(many) = (SELECT count(*) FROM items) FROM batches
CREATE TABLE items (id serial PRIMARY KEY, name text NOT NULL, price numeric(8,2) NOT NULL CHECK (price >= 0));
CREATE TABLE batches (id bigserial PRIMARY KEY, many int NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE VIEW cheap AS SELECT * FROM items WHERE price < 10;
CREATE FUNCTION cheap_in() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO instead_of.items (name, price) VALUES (NEW.name, 1); RETURN NEW; END $$;
CREATE TRIGGER cheap_in INSTEAD OF INSERT ON cheap FOR EACH ROW EXECUTE FUNCTION cheap_in();
CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO instead_of.batches (many) SELECT count(*) FROM fresh; RETURN NULL; END $$;
CREATE TRIGGER counted AFTER INSERT ON items REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION counted();
CREATE MATERIALIZED VIEW prices AS SELECT price, count(*) FROM items GROUP BY 1;
