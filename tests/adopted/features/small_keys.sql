-- feature: keys with little room
-- holds: SELECT count(*) > 0 FROM little
CREATE TABLE little (id smallint PRIMARY KEY CHECK (id BETWEEN 1 AND 40), letter char(1) NOT NULL UNIQUE);
CREATE TABLE little_uses (little_id smallint NOT NULL REFERENCES little, seq smallint NOT NULL CHECK (seq > 0), PRIMARY KEY (little_id, seq));
