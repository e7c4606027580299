-- feature: cycles without NULL that are deferred
-- holds: SELECT count(*) > 50 AND count(DISTINCT egg_id) > 10 FROM chickens
-- holds: SELECT count(*) = (SELECT count(*) FROM users WHERE firm_id IS NOT NULL) FROM users
-- holds: SELECT count(*) > 10 AND bool_and(u.id IS NOT NULL) FROM firms AS f LEFT JOIN users AS u ON u.id = f.owner_id
CREATE TABLE chickens (id int PRIMARY KEY, egg_id int NOT NULL);
CREATE TABLE eggs (id int PRIMARY KEY, chicken_id int NOT NULL REFERENCES chickens DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE chickens ADD FOREIGN KEY (egg_id) REFERENCES eggs DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE regions (id int PRIMARY KEY, first_firm int NOT NULL);
CREATE TABLE firms (id serial PRIMARY KEY, owner_id int NOT NULL, region_id int NOT NULL REFERENCES regions, name text NOT NULL);
CREATE TABLE users (id serial PRIMARY KEY, firm_id int NOT NULL REFERENCES firms DEFERRABLE, email text NOT NULL UNIQUE);
ALTER TABLE firms ADD FOREIGN KEY (owner_id) REFERENCES users DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE regions ADD FOREIGN KEY (first_firm) REFERENCES firms DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE people (id uuid PRIMARY KEY, passport_id uuid NOT NULL UNIQUE);
CREATE TABLE passports (id uuid PRIMARY KEY, person_id uuid NOT NULL UNIQUE REFERENCES people DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE people ADD FOREIGN KEY (passport_id) REFERENCES passports DEFERRABLE INITIALLY DEFERRED;
