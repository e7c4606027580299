-- feature: identity ALWAYS and generated columns
-- holds: SELECT count(*) > 0 AND bool_and(total = price * n) FROM baskets
CREATE TABLE baskets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, price numeric(8, 2) NOT NULL, n int NOT NULL, total numeric GENERATED ALWAYS AS (price * n) STORED,
    words text NOT NULL, found tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED);
CREATE TABLE basket_notes (basket_id bigint NOT NULL REFERENCES baskets, n smallint GENERATED ALWAYS AS IDENTITY, note text NOT NULL, PRIMARY KEY (basket_id, n));
