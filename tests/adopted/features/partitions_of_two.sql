-- feature: partitions by range of two columns
-- holds: SELECT count(DISTINCT tableoid) = 2 FROM stats
CREATE TABLE stats (id bigint NOT NULL, year int NOT NULL, month int NOT NULL, value float8 NOT NULL, PRIMARY KEY (id, year, month)) PARTITION BY RANGE (year, month);
CREATE TABLE stats_a PARTITION OF stats FOR VALUES FROM (2025, 1) TO (2025, 7);
CREATE TABLE stats_b PARTITION OF stats FOR VALUES FROM (2025, 7) TO (2026, 1);
