-- feature: a key WITHOUT OVERLAPS, and a reference by PERIOD
-- holds: SELECT count(*) > 20 FROM tariffs
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
CREATE TABLE tariffs (id int NOT NULL, valid tstzrange NOT NULL, price numeric(8, 2) NOT NULL, PRIMARY KEY (id, valid WITHOUT OVERLAPS));
CREATE TABLE tariff_uses (id serial PRIMARY KEY, tariff_id int NOT NULL, valid tstzrange NOT NULL, FOREIGN KEY (tariff_id, PERIOD valid) REFERENCES tariffs (id, PERIOD valid));
