-- What reaches somebody has a check of the app's: one that leaves room for reserved addresses, and ones that do not.
CREATE TABLE members (
    id bigserial PRIMARY KEY,
    email varchar(60) NOT NULL UNIQUE CHECK (email = lower(email) AND email ~ '^[^@ ]+@[^@ ]+\.[a-z]+$'),
    phone text CHECK (phone ~ '^[0-9-]+$'),
    stars integer NOT NULL CHECK (stars BETWEEN 1 AND 5),
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz CHECK (closed_at > opened_at)
);
CREATE TABLE colleagues (
    id bigserial PRIMARY KEY,
    email text NOT NULL CHECK (email ~ '^[a-z]{3,9}@ourcompany\.com$')
);
CREATE TABLE lines (
    id bigserial PRIMARY KEY,
    mobile text NOT NULL UNIQUE CHECK (mobile ~ '^\+49 1[567][0-9]{9}$')
);
