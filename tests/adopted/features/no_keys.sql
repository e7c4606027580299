-- feature: no foreign key, no primary key
-- holds: SELECT count(*) > 0 AND bool_and(EXISTS (SELECT FROM plain_authors AS a WHERE a.id = b.plain_author_id)) FROM plain_books AS b
-- holds: SELECT count(*) > 0 FROM plain_log
CREATE TABLE plain_authors (id int PRIMARY KEY, name text);
CREATE TABLE plain_books (id int, plain_author_id int NOT NULL, title text);
CREATE TABLE plain_log (at timestamptz, line text);
