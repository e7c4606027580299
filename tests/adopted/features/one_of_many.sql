-- feature: exactly one of several references, and a tree inside a tenant that knows its depth
-- holds: SELECT count(*) FILTER (WHERE post_id IS NOT NULL) > 5 AND count(*) FILTER (WHERE photo_id IS NOT NULL) > 5 FROM comments
-- holds: SELECT count(*) > 50 FROM folders
CREATE TABLE posts (id serial PRIMARY KEY, title text NOT NULL);
CREATE TABLE photos (id serial PRIMARY KEY, width int NOT NULL CHECK (width % 8 = 0 AND width > 0), height int NOT NULL CHECK (height > 0), CHECK (width * height <= 50000000));
CREATE TABLE comments (id serial PRIMARY KEY, post_id int REFERENCES posts, photo_id int REFERENCES photos, kind text NOT NULL CHECK (kind IN ('post', 'photo')), body text NOT NULL CHECK (length(trim(body)) > 0),
    CHECK (num_nonnulls(post_id, photo_id) = 1), CHECK ((kind = 'post') = (post_id IS NOT NULL)));
CREATE TABLE folders (id uuid PRIMARY KEY, tenant uuid NOT NULL, parent_id uuid, depth int NOT NULL DEFAULT 0 CHECK (depth BETWEEN 0 AND 9), name text NOT NULL, UNIQUE (tenant, id), UNIQUE NULLS NOT DISTINCT (tenant, parent_id, name),
    FOREIGN KEY (tenant, parent_id) REFERENCES folders (tenant, id), CHECK (parent_id IS DISTINCT FROM id));
