-- Unique keys: partial, on expressions, over references, one to one; and tables without any key.
CREATE TABLE members (id serial PRIMARY KEY, email text NOT NULL, nick varchar(20));
CREATE UNIQUE INDEX ON members (lower(email));
CREATE TABLE lists (id serial PRIMARY KEY, owner_id int NOT NULL REFERENCES members (id), title text NOT NULL);
CREATE TABLE items (
    id serial PRIMARY KEY, list_id int NOT NULL REFERENCES lists (id), current boolean NOT NULL DEFAULT false, note text
);
CREATE UNIQUE INDEX ON items (list_id) WHERE current;
CREATE TABLE profiles (member_id int PRIMARY KEY REFERENCES members (id), bio text);
CREATE TABLE follows (
    follower_id int NOT NULL REFERENCES members (id), followed_id int NOT NULL REFERENCES members (id),
    PRIMARY KEY (follower_id, followed_id), CHECK (follower_id <> followed_id)
);
CREATE TABLE votes (member_id int NOT NULL REFERENCES members (id), item_id int NOT NULL REFERENCES items (id),
    kind text NOT NULL CHECK (kind IN ('up', 'down')), UNIQUE (member_id, item_id));
CREATE TABLE log (line text, at timestamptz);
CREATE TABLE steps (
    list_id int NOT NULL REFERENCES lists (id), step int NOT NULL CHECK (step BETWEEN 1 AND 2), words text NOT NULL,
    UNIQUE (list_id, step)
);
CREATE TABLE titles (member_id int NOT NULL REFERENCES members (id), language varchar(20) NOT NULL, UNIQUE (member_id, language));
CREATE TABLE vouchers (token text NOT NULL UNIQUE DEFAULT '' CHECK (length(token) = 12), secret bytea UNIQUE CHECK (octet_length(secret) = 20));
