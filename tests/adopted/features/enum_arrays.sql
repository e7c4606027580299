-- feature: arrays of enums, of domains, of other types
-- holds: SELECT count(*) FILTER (WHERE cardinality(days) > 0) > 0 FROM plans
CREATE TYPE weekday AS ENUM ('mon', 'tue', 'wed', 'thu', 'it''s "fri", ok');
CREATE DOMAIN percent AS int CHECK (VALUE BETWEEN 0 AND 100);
CREATE TABLE plans (id serial PRIMARY KEY, days weekday[] NOT NULL CHECK (cardinality(days) >= 1), shares percent[] NOT NULL, grid int[][] NOT NULL, blobs bytea[] NOT NULL, nets cidr[] NOT NULL, bits bit(3)[] NOT NULL, docs jsonb[] NOT NULL, chars char(3)[] NOT NULL, times time[] NOT NULL);
