-- feature: partitioned tables that refer and are referred to, with default parts
-- holds: SELECT count(*) > 50 AND count(DISTINCT tableoid) > 1 FROM events
-- holds: SELECT count(*) > 50 FROM notes
CREATE TABLE sources (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL, region text NOT NULL, source_id int NOT NULL REFERENCES sources ON DELETE RESTRICT, PRIMARY KEY (id, at, region)) PARTITION BY LIST (region);
CREATE TABLE events_eu PARTITION OF events FOR VALUES IN ('de', 'fr') PARTITION BY RANGE (at);
CREATE TABLE events_eu_default PARTITION OF events_eu DEFAULT;
CREATE TABLE events_us PARTITION OF events FOR VALUES IN ('us') PARTITION BY RANGE (at);
CREATE TABLE events_us_2026 PARTITION OF events_us FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE notes (id serial PRIMARY KEY, event_id bigint NOT NULL, event_at timestamptz NOT NULL, event_region text NOT NULL, body text NOT NULL, FOREIGN KEY (event_id, event_at, event_region) REFERENCES events ON DELETE RESTRICT);
CREATE TABLE hashed (id uuid PRIMARY KEY, source_id int NOT NULL REFERENCES sources) PARTITION BY HASH (id);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
