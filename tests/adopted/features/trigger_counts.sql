-- feature: a trigger that counts in another row
-- holds: SELECT bool_and(f.posts = (SELECT count(*) FROM forum_posts AS p WHERE p.forum_id = f.id)) AND sum(f.posts) > 50 FROM forums AS f
CREATE TABLE forums (id serial PRIMARY KEY, name text NOT NULL, posts int NOT NULL DEFAULT 0);
CREATE TABLE forum_posts (id serial PRIMARY KEY, forum_id int NOT NULL REFERENCES forums, body text NOT NULL);
CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN UPDATE forums SET posts = posts + 1 WHERE id = NEW.forum_id; RETURN NEW; END IF;
    UPDATE forums SET posts = posts - 1 WHERE id = OLD.forum_id; RETURN OLD;
END $$;
CREATE TRIGGER counted AFTER INSERT OR DELETE ON forum_posts FOR EACH ROW EXECUTE FUNCTION counted();
