-- Partitions by list and by range, by hash, and one without a default.
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, what text NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE sales (id bigint NOT NULL, region text NOT NULL, amount numeric(10, 2), PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE sales_north PARTITION OF sales FOR VALUES IN ('north', 'arctic');
CREATE TABLE sales_south PARTITION OF sales FOR VALUES IN ('south');
CREATE TABLE readings (id bigint PRIMARY KEY, value float8) PARTITION BY HASH (id);
CREATE TABLE readings_0 PARTITION OF readings FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE readings_1 PARTITION OF readings FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE nothing (id int NOT NULL) PARTITION BY RANGE (id);
