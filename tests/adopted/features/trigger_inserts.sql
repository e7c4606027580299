-- feature: a trigger that inserts elsewhere
-- holds: SELECT (SELECT count(*) FROM wallets) = (SELECT count(*) FROM owners)
CREATE TABLE owners (id serial PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE wallets (id serial PRIMARY KEY, owner_id int NOT NULL UNIQUE REFERENCES owners ON DELETE CASCADE, cents int NOT NULL DEFAULT 0);
CREATE FUNCTION wallet_of() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO wallets (owner_id) VALUES (NEW.id); RETURN NEW; END $$;
CREATE TRIGGER wallet_of AFTER INSERT ON owners FOR EACH ROW EXECUTE FUNCTION wallet_of();
