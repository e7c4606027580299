-- feature: JSON with checks
-- holds: SELECT count(*) > 0 FROM documents
CREATE TABLE documents (id serial PRIMARY KEY, body jsonb NOT NULL, meta json NOT NULL, tags jsonb NOT NULL DEFAULT '[]',
    CHECK (jsonb_typeof(body) = 'object'), CHECK (jsonb_typeof(tags) = 'array'), CHECK (body ? 'title'), CHECK ((body ->> 'version')::int > 0));
