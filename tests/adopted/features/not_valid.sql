-- feature: checks NOT VALID, with CASE and regular expressions
-- holds: SELECT count(*) > 0 FROM claims
CREATE TABLE claims (id serial PRIMARY KEY, kind text NOT NULL, number text NOT NULL, days int NOT NULL, mail text NOT NULL CHECK (mail ~* '^[^@\s]+@[^@\s]+\.[a-z]{2,}$'), site text NOT NULL CHECK (site LIKE 'https://%'),
    CHECK (CASE kind WHEN 'short' THEN days < 10 WHEN 'long' THEN days >= 10 ELSE false END), colour char(7) NOT NULL CHECK (colour ~ '^#[0-9a-f]{6}$'));
ALTER TABLE claims ADD CHECK (length(number) = 10 AND number ~ '^[0-9]+$') NOT VALID;
