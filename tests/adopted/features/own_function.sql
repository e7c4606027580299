-- feature: checks by functions of the app, of one column and of two
-- holds: SELECT count(*) > 50 AND count(DISTINCT plate) > 20 AND count(DISTINCT wheels) > 2 FROM plates
-- holds: SELECT count(*) > 50 AND count(DISTINCT mail) > 50 FROM letters
CREATE FUNCTION is_plate(t text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT t ~ '^[A-Z]{2} [0-9]{3}$' $$;
CREATE FUNCTION is_even(n int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN n % 2 = 0; END $$;
CREATE FUNCTION is_mail(t text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN position('@' IN t) > 1 AND t LIKE '%.%'; END $$;
CREATE FUNCTION in_order(a int, b int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a < b $$;
CREATE TABLE plates (id serial PRIMARY KEY, plate text NOT NULL CHECK (is_plate(plate)), wheels int NOT NULL CHECK (is_even(wheels)));
CREATE TABLE letters (id serial PRIMARY KEY, mail text NOT NULL UNIQUE CHECK (is_mail(mail)), low int NOT NULL, high int NOT NULL, CHECK (in_order(low, high)));
