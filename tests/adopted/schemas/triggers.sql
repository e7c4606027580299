-- Triggers: one raises on a bad state, one fills another table, one changes the row.
CREATE TABLE accounts (id serial PRIMARY KEY, login text NOT NULL UNIQUE, state text NOT NULL CHECK (state IN ('new', 'open')), updated_at timestamptz);
CREATE TABLE audit (id bigserial PRIMARY KEY, account_id int NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, what text NOT NULL);
CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit (account_id, what) VALUES (NEW.id, 'came');
    RETURN NEW;
END $$;
CREATE TRIGGER audited AFTER INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION audited();
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE INSERT OR UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION touched();
