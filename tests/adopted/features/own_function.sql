-- feature: a check by a function of the app
CREATE FUNCTION is_plate(t text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT t ~ '^[A-Z]{2} [0-9]{3}$' $$;
CREATE FUNCTION is_even(n int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN n % 2 = 0; END $$;
CREATE TABLE plates (id serial PRIMARY KEY, plate text NOT NULL CHECK (is_plate(plate)), wheels int NOT NULL CHECK (is_even(wheels)));
