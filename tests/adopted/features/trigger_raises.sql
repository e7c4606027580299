-- feature: a trigger that raises on a bad state
-- holds: SELECT count(*) FILTER (WHERE status = 'shipped') > 0 FROM parcels
CREATE TABLE parcels (id serial PRIMARY KEY, status text NOT NULL CHECK (status IN ('new', 'packed', 'shipped')), weight int NOT NULL, shipped_at timestamptz);
CREATE FUNCTION parcel_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'shipped' AND NEW.shipped_at IS NULL THEN RAISE EXCEPTION 'a parcel that is shipped needs shipped_at'; END IF;
    IF NEW.status <> 'shipped' AND NEW.shipped_at IS NOT NULL THEN RAISE EXCEPTION 'only what is shipped has shipped_at'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER parcel_state BEFORE INSERT OR UPDATE ON parcels FOR EACH ROW EXECUTE FUNCTION parcel_state();
