-- feature: domains with an expression, a range, a length in bytes
-- holds: SELECT count(*) > 50 FROM labels
CREATE DOMAIN sku AS text CHECK (VALUE ~ '^[A-Z]{3}-\d{4}$');
CREATE DOMAIN latitude AS numeric(9, 6) CHECK (VALUE BETWEEN -90 AND 90);
CREATE DOMAIN short_code AS varchar(20) NOT NULL CHECK (octet_length(VALUE) BETWEEN 2 AND 8);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN small_positive AS positive CHECK (VALUE < 10);
CREATE TABLE labels (id serial PRIMARY KEY, sku sku NOT NULL UNIQUE, lat latitude NOT NULL, code short_code, size small_positive NOT NULL, tags sku[] NOT NULL DEFAULT '{}');
