-- feature: unique keys over what a function makes of columns
-- holds: SELECT count(*) > 50 FROM documents
CREATE SEQUENCE everything START 1000;
CREATE TABLE owners (id bigint PRIMARY KEY DEFAULT nextval('everything'), name text NOT NULL);
CREATE TABLE documents (id bigint PRIMARY KEY DEFAULT nextval('everything'), owner_id bigint REFERENCES owners, parent_id bigint REFERENCES documents, title text NOT NULL, data jsonb NOT NULL, day timestamptz NOT NULL DEFAULT now(),
    code varchar(3) NOT NULL);
CREATE UNIQUE INDEX ON documents (coalesce(owner_id, 0), coalesce(parent_id, 0), lower(title));
CREATE UNIQUE INDEX ON documents ((data ->> 'ref'));
CREATE UNIQUE INDEX ON documents (owner_id, date_trunc('day', day AT TIME ZONE 'UTC'), code);
CREATE UNIQUE INDEX ON documents (md5(title));
