-- Notes a word in this session: which process serves it, and the word.
SELECT pg_catalog.pg_backend_pid(), pg_catalog.set_config('populace.session', pg_catalog.gen_random_uuid()::pg_catalog.text, false)
