-- feature: unique values that the app has taken
-- holds: SELECT count(*) > 50 FROM subscribers WHERE id > 100000
-- holds: SELECT count(*) > 10 FROM channels WHERE id > 100000
CREATE TABLE subscribers (id serial PRIMARY KEY, email text NOT NULL UNIQUE, nick varchar(12) NOT NULL UNIQUE);
CREATE TABLE channels (id serial PRIMARY KEY, slug text NOT NULL UNIQUE, code char(3) NOT NULL UNIQUE, host inet NOT NULL UNIQUE);
INSERT INTO subscribers (email, nick) SELECT 'somebody' || n || '@elsewhere.example', 'n' || n FROM generate_series(1, 20) AS n;
INSERT INTO channels (slug, code, host) VALUES ('theirs', 'aaa', '10.0.0.0'), ('others', 'aab', '10.0.0.2');
CREATE DOMAIN uint AS bigint CHECK (VALUE BETWEEN 0 AND 4294967295);
CREATE SEQUENCE releases_seq;
CREATE TABLE releases (id uint PRIMARY KEY DEFAULT nextval('releases_seq'), label text NOT NULL);
INSERT INTO releases (label) VALUES ('theirs');
