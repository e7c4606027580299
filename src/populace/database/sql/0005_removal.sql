-- What may be removed, and what stays since rows of others refer to it. Every removal asks here first: a runner, when people
-- leave; a clean-up; and a world's own functions.

CREATE FUNCTION populace.foreign_keys()
RETURNS TABLE (name name, child oid, parent oid, columns text[], keys text[], operators text[], on_delete text, is_part boolean)
LANGUAGE sql STABLE SET search_path = ''
AS $$
SELECT
    k.conname,
    k.conrelid,
    k.confrelid,
    ARRAY(
        SELECT a.attname::text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS part (attnum, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = part.attnum ORDER BY place),
    ARRAY(
        SELECT a.attname::text FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS part (attnum, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = part.attnum ORDER BY place),
    -- As the server compares them: a column of the parent, the operator, a column of the child.
    ARRAY(
        SELECT pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname)
        FROM pg_catalog.unnest(k.conpfeqop) WITH ORDINALITY AS part (operator, place)
        JOIN pg_catalog.pg_operator AS o ON o.oid = part.operator
        JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace ORDER BY place),
    CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT'
        ELSE 'NO ACTION' END,
    -- The tables in which Supabase keeps an account's own parts: they go with it, by its own keys.
    child_schema.nspname = 'auth' AND parent_schema.nspname = 'auth' AND k.confdeltype = 'c' AND child.relname IN (
        'identities', 'sessions', 'refresh_tokens', 'mfa_factors', 'mfa_challenges', 'mfa_amr_claims', 'one_time_tokens',
        'oauth_authorizations', 'oauth_consents', 'webauthn_credentials', 'webauthn_challenges')
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS child ON child.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS child_schema ON child_schema.oid = child.relnamespace
JOIN pg_catalog.pg_class AS parent ON parent.oid = k.confrelid
JOIN pg_catalog.pg_namespace AS parent_schema ON parent_schema.oid = parent.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
$$;
COMMENT ON FUNCTION populace.foreign_keys() IS
    'Every foreign key of this database, without those that partitions inherit, and what it does when a row goes that it refers to';

CREATE FUNCTION populace.relatives(relation regclass) RETURNS oid[]
LANGUAGE sql STABLE SET search_path = ''
AS $$
    SELECT pg_catalog.array_agg(DISTINCT r) FROM (
        SELECT relation::oid UNION ALL SELECT relid::oid FROM pg_catalog.pg_partition_tree(relation)
        UNION ALL SELECT relid::oid FROM pg_catalog.pg_partition_ancestors(relation)) AS all_of (r)
    WHERE relation IS NOT NULL
$$;
COMMENT ON FUNCTION populace.relatives(regclass) IS 'A table, its partitions, and those that it is a partition of';

CREATE FUNCTION populace.held(parts jsonb, keys uuid[])
RETURNS TABLE (key uuid, child text, link text, on_delete text, many bigint, example text)
LANGUAGE plpgsql VOLATILE SET search_path = '' SET row_security = off
AS $$
DECLARE
    waiting jsonb := parts;
    part jsonb;
    one record;
    pairs text;
    picked text;
    gone text;
BEGIN
    -- Locked first, so that nobody refers to a row after it was looked at.
    FOR one IN
        SELECT DISTINCT p.relation::text AS name, o ->> 'rows' AS rows
        FROM pg_catalog.jsonb_array_elements(parts) AS o
        CROSS JOIN LATERAL (SELECT pg_catalog.to_regclass(o ->> 'table') AS relation) AS p
        JOIN populace.foreign_keys() AS f ON f.parent = ANY (populace.relatives(p.relation))
        ORDER BY name
    LOOP
        EXECUTE pg_catalog.format('SELECT FROM %s AS t WHERE %s FOR UPDATE', one.name, one.rows) USING keys;
    END LOOP;
    WHILE pg_catalog.jsonb_array_length(waiting) > 0 LOOP
        part := waiting -> 0;
        waiting := waiting - 0;
        FOR one IN
            SELECT f.*, c.relkind, c.oid::regclass::text AS child_name, p.relation,
                CASE held.relkind WHEN 'p' THEN '' ELSE 'ONLY' END || ' ' || held.oid::regclass::text AS holds,
                own.rows AS own_rows, populace.relatives(own.relation) AS own_tables
            FROM (SELECT pg_catalog.to_regclass(part ->> 'table') AS relation) AS p
            JOIN populace.foreign_keys() AS f ON f.parent = ANY (populace.relatives(p.relation))
            JOIN pg_catalog.pg_class AS c ON c.oid = f.child
            -- Of a key to a partition only its rows matter; of one to what our table is a partition of, only ours.
            JOIN pg_catalog.pg_class AS held ON held.oid = CASE
                WHEN f.parent = ANY (ARRAY(SELECT relid::oid FROM pg_catalog.pg_partition_tree(p.relation)))
                THEN f.parent ELSE p.relation::oid END
            LEFT JOIN LATERAL (
                SELECT pg_catalog.to_regclass(o ->> 'table') AS relation, o ->> 'rows' AS rows
                FROM pg_catalog.jsonb_array_elements(parts) AS o
                WHERE f.child = ANY (populace.relatives(pg_catalog.to_regclass(o ->> 'table'))) LIMIT 1) AS own ON true
            ORDER BY child_name, f.name
        LOOP
            SELECT pg_catalog.string_agg(pg_catalog.format('p.%I %s t.%I', k, o, c), ' AND ' ORDER BY place),
                pg_catalog.string_agg(pg_catalog.format('t.%I', k), ', ' ORDER BY place)
            INTO pairs, picked
            FROM ROWS FROM (pg_catalog.unnest(one.keys), pg_catalog.unnest(one.operators), pg_catalog.unnest(one.columns))
                WITH ORDINALITY AS each (k, o, c, place);
            gone := pg_catalog.format('(SELECT DISTINCT %s, (%s)::uuid AS populace_key FROM %s AS t WHERE %s)',
                picked, part ->> 'key', one.holds, part ->> 'rows');
            IF one.is_part AND one.own_rows IS NULL THEN
                -- It goes too: who refers to it is asked in its turn.
                waiting := waiting || pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object(
                    'table', one.child_name,
                    'rows', pg_catalog.format('EXISTS (SELECT FROM %s AS p WHERE %s)', gone, pairs),
                    'key', pg_catalog.format('(SELECT p.populace_key FROM %s AS p WHERE %s LIMIT 1)', gone, pairs)));
                CONTINUE;
            END IF;
            child := one.child_name;
            link := one.name;
            on_delete := one.on_delete;
            BEGIN
                FOR key, many, example IN EXECUTE pg_catalog.format(
                    'SELECT p.populace_key, pg_catalog.count(*), pg_catalog.min(%s) FROM %s %s AS t JOIN %s AS p ON %s'
                    ' WHERE %s GROUP BY 1',
                    populace.shown_key(one.child, one.columns), CASE one.relkind WHEN 'p' THEN '' ELSE 'ONLY' END,
                    one.child_name, gone, pairs,
                    CASE WHEN one.own_rows IS NULL THEN 'true' ELSE pg_catalog.format(
                        'NOT coalesce(t.tableoid = ANY (%L::oid[]) AND (%s), false)', one.own_tables, one.own_rows) END)
                    USING keys
                LOOP
                    RETURN NEXT;
                END LOOP;
            EXCEPTION WHEN insufficient_privilege THEN
                -- What may not be read may refer to every row.
                FOR key IN EXECUTE pg_catalog.format('SELECT DISTINCT p.populace_key FROM %s AS p', gone) USING keys LOOP
                    many := NULL;
                    example := NULL;
                    RETURN NEXT;
                END LOOP;
            END;
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION populace.held(jsonb, uuid[]) IS
    'Which of these keys have rows that others refer to. parts: what would go, a table each: table, rows (a condition over t, with the keys as $1), key (whose a row is). many: null where the other table may not be read';

CREATE FUNCTION populace.shown_key(relation regclass, instead text[]) RETURNS text
LANGUAGE sql STABLE SET search_path = ''
AS $$
    SELECT pg_catalog.format('pg_catalog.json_build_object(%s)::text',
        pg_catalog.string_agg(pg_catalog.format('%L, t.%I', name, name), ', ' ORDER BY place))
    FROM pg_catalog.unnest(coalesce(nullif(ARRAY(
        SELECT a.attname::text FROM pg_catalog.pg_index AS i CROSS JOIN pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = relation AND i.indisprimary AND k.place <= i.indnkeyatts ORDER BY k.place), '{}'), instead))
        WITH ORDINALITY AS shown (name, place)
$$;
COMMENT ON FUNCTION populace.shown_key(regclass, text[]) IS 'An expression for the key of row t; of a table without a primary key, other columns';

CREATE TABLE populace.kept (
    kind    text        NOT NULL,
    key     uuid        NOT NULL,
    at      timestamptz NOT NULL,
    because text        NOT NULL,
    PRIMARY KEY (kind, key)
);
COMMENT ON TABLE populace.kept IS
    'People, or other things that a world removes in life, whose time had come and who stay since rows of others need them; a removal tries them again';
COMMENT ON COLUMN populace.kept.kind IS 'The root of the people, or the table of the rows';
COMMENT ON COLUMN populace.kept.at IS 'Simulated time at which they were to go';

CREATE FUNCTION populace.keep(kind text, tried uuid[], held jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ''
AS $$
    DELETE FROM populace.kept AS k WHERE k.kind = keep.kind AND k.key = ANY (tried) AND NOT (held ? k.key::text);
    INSERT INTO populace.kept (kind, key, at, because)
    SELECT keep.kind, h.key::uuid, populace.now(), h.value FROM pg_catalog.jsonb_each_text(held) AS h ORDER BY h.key
    ON CONFLICT ON CONSTRAINT kept_pkey DO UPDATE SET because = excluded.because
$$;
COMMENT ON FUNCTION populace.keep(text, uuid[], jsonb) IS
    'Records what stays of what a removal tried: key -> because; the others of those it tried went';

CREATE FUNCTION populace.free(relation text, keys uuid[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE SET search_path = ''
AS $$
DECLARE
    held jsonb;
BEGIN
    SELECT coalesce(pg_catalog.jsonb_object_agg(h.key, h.because), '{}') INTO held FROM (
        SELECT f.key, pg_catalog.string_agg(f.child || ' by ' || f.link, ', ' ORDER BY f.child, f.link) AS because
        FROM populace.held(pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object(
            'table', relation, 'rows', 't.id = ANY ($1)', 'key', 't.id')), keys) AS f GROUP BY f.key) AS h;
    PERFORM populace.keep(relation, keys, held);
    RETURN ARRAY(SELECT k FROM pg_catalog.unnest(keys) AS k WHERE NOT (held OPERATOR(pg_catalog.?) k::text));
END
$$;
COMMENT ON FUNCTION populace.free(text, uuid[]) IS
    'The rows of a table, by their id, that no row of others refers to; the others are recorded as kept';

CREATE FUNCTION populace.ours(relation text) RETURNS text
LANGUAGE sql STABLE SET search_path = ''
AS $$
    SELECT pg_catalog.format(
        '(t.id IN (SELECT o.key[1]::uuid FROM populace.own_row AS o WHERE o.relation = %L::regclass)%s)', relation,
        CASE pg_catalog.current_setting('populace.noted', true)
            WHEN 'on' THEN '' ELSE ' OR substr(t.id::text, 15, 1) IN (''7'', ''8'')' END)
$$;
COMMENT ON FUNCTION populace.ours(text) IS
    'The condition that row t of a table (schema.table, proven by its id) is ours. While Populace itself applies a rule, it has listed the rows that the plan proves; where nobody has, a key of an app shows only by its version';

REVOKE ALL ON FUNCTION populace.held(jsonb, uuid[]), populace.keep(text, uuid[], jsonb), populace.free(text, uuid[])
    FROM PUBLIC;

CREATE TABLE populace.allowed_effect (
    table_name text PRIMARY KEY
);
COMMENT ON TABLE populace.allowed_effect IS
    'Tables of others (schema.table) whose rows the app''s own triggers and rules may change when synthetic rows go, by consent';
