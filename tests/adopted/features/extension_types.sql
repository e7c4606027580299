-- feature: types of extensions
-- holds: SELECT count(*) > 0 FROM extended
CREATE EXTENSION IF NOT EXISTS citext SCHEMA public; CREATE EXTENSION IF NOT EXISTS hstore SCHEMA public; CREATE EXTENSION IF NOT EXISTS ltree SCHEMA public; CREATE EXTENSION IF NOT EXISTS vector SCHEMA public;
CREATE TABLE extended (id serial PRIMARY KEY, mail public.citext NOT NULL UNIQUE, attributes public.hstore NOT NULL, path public.ltree NOT NULL UNIQUE, embedding public.vector(4) NOT NULL);
