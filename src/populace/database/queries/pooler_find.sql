-- Which process serves this session, and the word that is noted in it.
SELECT pg_catalog.pg_backend_pid(), pg_catalog.current_setting('populace.session', true)
