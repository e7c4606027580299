-- feature: tables of a key alone, and keys that three tables share
-- holds: SELECT (SELECT count(*) FROM vip_friends) > 5 AND (SELECT count(*) FROM parties) > 5 AND (SELECT count(*) FROM customers) = (SELECT count(*) FROM vips)
CREATE TABLE parties (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE counters (id serial PRIMARY KEY);
CREATE TABLE persons (party_id bigint PRIMARY KEY REFERENCES parties ON DELETE RESTRICT, name text NOT NULL);
CREATE TABLE customers (party_id bigint PRIMARY KEY REFERENCES persons ON UPDATE CASCADE, number int NOT NULL UNIQUE, updated_by text NOT NULL);
CREATE TABLE vips (party_id bigint PRIMARY KEY REFERENCES customers, since date NOT NULL);
CREATE TABLE vip_friends (party_id bigint REFERENCES vips, friend_id bigint REFERENCES customers, PRIMARY KEY (party_id, friend_id), CHECK (party_id <> friend_id));
CREATE FUNCTION by_whom() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_by := current_user; RETURN NEW; END $$;
CREATE TRIGGER by_whom BEFORE INSERT OR UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION by_whom();
