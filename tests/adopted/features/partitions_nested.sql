-- feature: partitions of partitions, by hash
-- holds: SELECT count(DISTINCT tableoid) = 4 FROM logs
CREATE TABLE logs (id bigint NOT NULL, tenant int NOT NULL, kind text NOT NULL, body text) PARTITION BY LIST (kind);
CREATE TABLE logs_info PARTITION OF logs FOR VALUES IN ('info') PARTITION BY HASH (tenant);
CREATE TABLE logs_info_0 PARTITION OF logs_info FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE logs_info_1 PARTITION OF logs_info FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE logs_bad PARTITION OF logs FOR VALUES IN ('error', 'fatal') PARTITION BY RANGE (tenant);
CREATE TABLE logs_bad_low PARTITION OF logs_bad FOR VALUES FROM (1) TO (50);
CREATE TABLE logs_bad_high PARTITION OF logs_bad FOR VALUES FROM (50) TO (90);
