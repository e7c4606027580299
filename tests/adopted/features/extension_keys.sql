-- feature: keys of types of extensions, and hstore, ltree, citext beside them
-- holds: SELECT count(*) > 10 AND count(DISTINCT code) = count(*) FROM sections
-- holds: SELECT count(*) > 50 AND bool_and(p.login = q.login) FROM posts AS p JOIN accounts AS q ON q.login = p.login
CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION IF NOT EXISTS ltree; CREATE EXTENSION IF NOT EXISTS hstore;
CREATE TABLE accounts (login citext PRIMARY KEY, extra hstore NOT NULL DEFAULT '', email citext NOT NULL UNIQUE CHECK (email ~ '^[^@]+@[^@]+$'));
CREATE TABLE sections (code ltree PRIMARY KEY, title citext NOT NULL, UNIQUE (title));
CREATE TABLE posts (id serial PRIMARY KEY, login citext NOT NULL REFERENCES accounts ON UPDATE CASCADE, section ltree NOT NULL REFERENCES sections, UNIQUE (login, section), tags hstore, CHECK (nlevel(section) > 0));
