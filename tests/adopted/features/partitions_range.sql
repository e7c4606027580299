-- feature: partitions by range
-- holds: SELECT count(DISTINCT tableoid) = 2 AND count(DISTINCT at) > 100 FROM metered
CREATE TABLE metered (id bigint NOT NULL, at timestamptz NOT NULL, what text NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE metered_2026a PARTITION OF metered FOR VALUES FROM ('2026-01-01') TO ('2026-05-01');
CREATE TABLE metered_2026b PARTITION OF metered FOR VALUES FROM ('2026-05-01') TO ('2030-01-01');
