-- feature: a cycle without NULL that is deferred
CREATE TABLE chickens (id int PRIMARY KEY, egg_id int NOT NULL);
CREATE TABLE eggs (id int PRIMARY KEY, chicken_id int NOT NULL REFERENCES chickens DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE chickens ADD FOREIGN KEY (egg_id) REFERENCES eggs DEFERRABLE INITIALLY DEFERRED;
