-- feature: composite types
-- holds: SELECT count((home).street) > 0 AND count((price).amount) > 0 FROM addressed
CREATE TYPE postal AS (street text, postcode varchar(10), country char(2));
CREATE TYPE money_of AS (amount numeric(12, 2), currency text);
CREATE TYPE nested AS (at postal, n int, since date);
CREATE TABLE addressed (id serial PRIMARY KEY, home postal NOT NULL, price money_of NOT NULL, deep nested, many postal[] NOT NULL);
