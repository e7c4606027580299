-- feature: a trigger that raises on what a row alone does not say
-- holds: SELECT count(*) > 50 FROM desks
CREATE TABLE desks (id serial PRIMARY KEY, seats int NOT NULL CHECK (seats BETWEEN 1 AND 9));
CREATE TABLE sittings (id serial PRIMARY KEY, desk_id int NOT NULL REFERENCES desks, people int NOT NULL);
CREATE FUNCTION room_for() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE room int;
BEGIN
    SELECT seats INTO room FROM trigger_refuses.desks WHERE id = NEW.desk_id;
    IF NEW.people > room THEN RAISE EXCEPTION 'desk % has % seats', NEW.desk_id, room; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER room_for BEFORE INSERT OR UPDATE ON sittings FOR EACH ROW EXECUTE FUNCTION room_for();
