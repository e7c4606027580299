-- feature: partitions by list
-- holds: SELECT count(DISTINCT tableoid) = 3 FROM sold
CREATE TABLE sold (id bigint NOT NULL, region text NOT NULL, amount numeric(10, 2), PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE sold_north PARTITION OF sold FOR VALUES IN ('north', 'arctic');
CREATE TABLE sold_south PARTITION OF sold FOR VALUES IN ('south');
CREATE TABLE sold_none PARTITION OF sold FOR VALUES IN ('nowhere');
