-- feature: numbers in narrow columns, whatever their names let expect
-- holds: SELECT (SELECT count(*) FROM parcels) > 5 AND (SELECT bool_and(weight < 1000 AND age < 10 AND price < 100 AND share <= 1) FROM parcels)
CREATE TABLE parcels (
    id serial PRIMARY KEY,
    weight numeric(5, 2) NOT NULL CHECK (weight > 0),
    size numeric(2, 0) NOT NULL,
    bytes smallint NOT NULL,
    age numeric(1) NOT NULL,
    port smallint NOT NULL,
    year numeric(2) NOT NULL,
    price numeric(4, 2) NOT NULL,
    total numeric(3, 1) NOT NULL,
    discount numeric(2, 2) NOT NULL,
    longitude numeric(6, 4) NOT NULL,
    share numeric(3, 2) NOT NULL,
    progress numeric(2) NOT NULL,
    latitude numeric(8, 6) NOT NULL,
    rating numeric(2, 1) NOT NULL,
    anything numeric(3, 2) NOT NULL,
    level "char" NOT NULL
);
