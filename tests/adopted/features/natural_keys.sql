-- feature: natural keys that refer on
-- holds: SELECT count(*) > 20 FROM quotes
CREATE TABLE countries_of (code char(2) PRIMARY KEY CHECK (code ~ '^[A-Z]{2}$'), name text NOT NULL UNIQUE);
CREATE TABLE currencies_of (code char(3) PRIMARY KEY CHECK (code = upper(code)), digits smallint NOT NULL CHECK (digits IN (0, 2, 3)));
CREATE TABLE cities_of (country char(2) NOT NULL REFERENCES countries_of ON UPDATE CASCADE, name text NOT NULL, PRIMARY KEY (country, name));
CREATE TABLE quotes (country char(2) NOT NULL, city text NOT NULL, currency char(3) NOT NULL REFERENCES currencies_of, day date NOT NULL, price numeric(8, 2) NOT NULL CHECK (price > 0),
    PRIMARY KEY (country, city, currency, day), FOREIGN KEY (country, city) REFERENCES cities_of ON UPDATE CASCADE);
