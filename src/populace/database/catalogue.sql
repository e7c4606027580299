-- Everything that `adopt` reads: the catalogue of a database, and never a row of a table of the app.

-- name: server
-- Its version and encoding.
SELECT pg_catalog.current_setting('server_version_num')::int, pg_catalog.pg_encoding_to_char(d.encoding)
FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database();

-- name: tables
-- Tables of the app: not the server's, an extension's, or Populace's own.
SELECT
    c.oid, n.nspname::text, c.relname::text, c.relkind::text,
    coalesce(CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END, ''),
    ARRAY(
        SELECT pg_catalog.pg_get_expr(b.relpartbound, b.oid)
        FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS b ON b.oid = i.inhrelid
        WHERE i.inhparent = c.oid AND b.relispartition ORDER BY b.oid),
    coalesce((SELECT i.inhparent::int8 FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid AND c.relispartition), 0),
    ARRAY(
        SELECT pn.nspname || '.' || p.relname FROM pg_catalog.pg_inherits AS i
        JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
        WHERE i.inhrelid = c.oid AND NOT c.relispartition ORDER BY i.inhseqno),
    c.relrowsecurity, c.relforcerowsecurity,
    pg_catalog.has_table_privilege(c.oid, 'INSERT') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
    coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '')
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('information_schema', 'populace') AND n.nspname NOT LIKE 'pg\_%'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname;

-- name: columns
-- Columns that are there, in order; of a domain, or one over another, what is under it and all that they ask.
SELECT
    a.attrelid, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), base.name, base.typtype::text,
    a.attnotnull OR base.takes_no_null, base.modifier,
    ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = base.oid ORDER BY e.enumsortorder),
    CASE WHEN base.oid <> a.atttypid THEN pg_catalog.format_type(a.atttypid, NULL) ELSE '' END,
    ARRAY(
        SELECT pg_catalog.pg_get_expr(k.conbin, 0) FROM pg_catalog.pg_constraint AS k
        WHERE k.contypid = ANY (base.domains) AND k.contype = 'c' ORDER BY k.oid),
    coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), base.typdefault, ''),
    a.attgenerated <> '',
    CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'default' ELSE '' END,
    EXISTS (
        SELECT FROM pg_catalog.pg_depend AS s JOIN pg_catalog.pg_class AS q ON q.oid = s.refobjid AND q.relkind = 'S'
        WHERE s.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND s.objid = d.oid
            AND s.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass),
    coalesce(pg_catalog.col_description(a.attrelid, a.attnum), ''), base.oid::int8
FROM pg_catalog.pg_attribute AS a
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
CROSS JOIN LATERAL (
    WITH RECURSIVE layer AS (
        SELECT t.oid, t.typname::text AS name, t.typtype, t.typbasetype, t.typtypmod, a.atttypmod AS modifier,
               t.typnotnull AS takes_no_null, t.typdefault, ARRAY[t.oid] AS domains
        FROM pg_catalog.pg_type AS t WHERE t.oid = a.atttypid
        UNION ALL
        SELECT t.oid, t.typname::text, t.typtype, t.typbasetype, t.typtypmod, layer.typtypmod,
               layer.takes_no_null OR t.typnotnull, coalesce(layer.typdefault, t.typdefault), layer.domains || t.oid
        FROM layer JOIN pg_catalog.pg_type AS t ON t.oid = layer.typbasetype WHERE layer.typtype = 'd'
    )
    SELECT * FROM layer WHERE typtype <> 'd'
) AS base
WHERE a.attrelid = ANY (%(tables)s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum;

-- name: parts
-- Of what types of the app are made: the fields of those of several values, and what arrays hold.
WITH RECURSIVE made AS (
    SELECT t.oid, t.typrelid, t.typelem, t.typtype, t.typbasetype FROM pg_catalog.pg_type AS t
    WHERE t.oid IN (
        SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = ANY (%(tables)s) AND a.attnum > 0 AND NOT a.attisdropped)
    UNION
    SELECT t.oid, t.typrelid, t.typelem, t.typtype, t.typbasetype FROM made JOIN pg_catalog.pg_type AS t
        ON t.oid = made.typbasetype
        OR t.oid = made.typelem AND made.typelem <> 0
        OR made.typtype = 'c' AND t.oid IN (
            SELECT f.atttypid FROM pg_catalog.pg_attribute AS f
            WHERE f.attrelid = made.typrelid AND f.attnum > 0 AND NOT f.attisdropped)
), part AS (
    SELECT m.oid AS whole, f.attnum::int AS place, f.attname::text AS name, f.atttypid AS type, f.atttypmod AS modifier
    FROM made AS m JOIN pg_catalog.pg_attribute AS f ON f.attrelid = m.typrelid AND f.attnum > 0 AND NOT f.attisdropped
    WHERE m.typtype = 'c'
    UNION ALL
    SELECT m.oid, 0, '', m.typelem, -1 FROM made AS m JOIN pg_catalog.pg_type AS t ON t.oid = m.oid
    WHERE m.typelem <> 0 AND t.typcategory = 'A'
)
SELECT
    part.whole::int8, part.name, pg_catalog.format_type(part.type, part.modifier), base.name, base.typtype::text,
    base.modifier,
    ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = base.oid ORDER BY e.enumsortorder),
    CASE WHEN base.oid <> part.type THEN pg_catalog.format_type(part.type, NULL) ELSE '' END,
    ARRAY(
        SELECT pg_catalog.pg_get_expr(k.conbin, 0) FROM pg_catalog.pg_constraint AS k
        WHERE k.contypid = ANY (base.domains) AND k.contype = 'c' ORDER BY k.oid),
    base.oid::int8
FROM part CROSS JOIN LATERAL (
    WITH RECURSIVE layer AS (
        SELECT t.oid, t.typname::text AS name, t.typtype, t.typbasetype, t.typtypmod, part.modifier AS modifier,
               ARRAY[t.oid] AS domains
        FROM pg_catalog.pg_type AS t WHERE t.oid = part.type
        UNION ALL
        SELECT t.oid, t.typname::text, t.typtype, t.typbasetype, t.typtypmod, layer.typtypmod, layer.domains || t.oid
        FROM layer JOIN pg_catalog.pg_type AS t ON t.oid = layer.typbasetype WHERE layer.typtype = 'd'
    )
    SELECT * FROM layer WHERE typtype <> 'd'
) AS base
ORDER BY part.whole, part.place;

-- name: leaves
-- What parts that hold rows ask of a row, those of the parts above them included.
SELECT t.oid, pg_catalog.pg_get_partition_constraintdef(leaf.relid)
FROM pg_catalog.unnest(%(tables)s) AS t (oid), LATERAL pg_catalog.pg_partition_tree(t.oid) AS leaf
WHERE leaf.isleaf AND leaf.relid <> t.oid AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = t.oid AND c.relispartition)
ORDER BY t.oid, leaf.relid::pg_catalog.oid;

-- name: uniques
-- Unique keys and indexes that hold, with the expressions and conditions among them.
SELECT
    i.indrelid, x.relname::text,
    ARRAY(
        SELECT a.attname::text FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS part (attnum, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = part.attnum
        WHERE place <= i.indnkeyatts AND part.attnum > 0 ORDER BY place),
    i.indisprimary,
    ARRAY(
        SELECT pg_catalog.pg_get_indexdef(i.indexrelid, place::int, false)
        FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS part (attnum, place)
        WHERE place <= i.indnkeyatts AND part.attnum = 0 ORDER BY place),
    coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), ''),
    pg_catalog.pg_get_indexdef(i.indexrelid) LIKE '%% NULLS NOT DISTINCT%%', i.indisexclusion
FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
WHERE i.indrelid = ANY (%(tables)s) AND i.indisunique AND i.indisvalid
ORDER BY i.indrelid, i.indisprimary DESC, x.relname;

-- name: foreign_keys
-- Foreign keys between tables, those of partitions left to the whole.
SELECT
    k.conrelid, k.conname::text,
    ARRAY(
        SELECT a.attname::text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS part (attnum, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = part.attnum ORDER BY place),
    n.nspname || '.' || p.relname,
    ARRAY(
        SELECT a.attname::text FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS part (attnum, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = part.attnum ORDER BY place),
    k.condeferrable, k.confmatchtype = 'f'
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = p.relnamespace
WHERE k.conrelid = ANY (%(tables)s) AND k.contype = 'f' AND k.conparentid = 0
ORDER BY k.conrelid, k.conname;

-- name: checks
-- Conditions on rows, and what columns they read.
SELECT
    k.conrelid, k.conname::text, pg_catalog.pg_get_expr(k.conbin, k.conrelid),
    ARRAY(
        SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) ORDER BY a.attnum),
    k.convalidated
FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = ANY (%(tables)s) AND k.contype = 'c'
ORDER BY k.conrelid, k.conname;

-- name: sources
-- The text of the functions that a condition calls.
SELECT f.prosrc
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = k.oid
    AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
JOIN pg_catalog.pg_proc AS f ON f.oid = d.refobjid
WHERE n.nspname = %(schema)s AND c.relname = %(table)s AND k.conname = %(check)s AND k.contype = 'c'
UNION
SELECT f.prosrc
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = k.oid
    AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
JOIN pg_catalog.pg_proc AS f ON f.oid = d.refobjid
WHERE k.contypid <> 0 AND pg_catalog.format_type(k.contypid, NULL) = %(check)s
ORDER BY 1;

-- name: exclusions
-- Exclusion constraints, as SQL writes them.
SELECT k.conrelid, pg_catalog.pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = ANY (%(tables)s) AND k.contype = 'x'
ORDER BY k.conrelid, k.conname;

-- name: triggers
-- Triggers of the app, and the text of what they call.
SELECT
    t.tgrelid, t.tgname::text, pg_catalog.pg_get_triggerdef(t.oid), n.nspname || '.' || f.proname, coalesce(f.prosrc, '')
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace
WHERE t.tgrelid = ANY (%(tables)s) AND NOT t.tgisinternal AND t.tgenabled <> 'D'
ORDER BY t.tgrelid, t.tgname;

-- name: rules
-- Rewrite rules.
SELECT r.ev_class, pg_catalog.pg_get_ruledef(r.oid) FROM pg_catalog.pg_rewrite AS r
WHERE r.ev_class = ANY (%(tables)s) ORDER BY r.ev_class, r.rulename;

-- name: opened
-- Whether populations have been here, and this role may see which.
SELECT count(*) = 2 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'populace' AND c.relname IN ('plan', 'former_plan')
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT');

-- name: lived
-- Settings of populations that are here or were: the tables that these fill are not the app's own rows. Of Populace's
-- own tables, only where `opened` says so.
SELECT DISTINCT key FROM (
    SELECT document FROM populace.plan UNION ALL SELECT document FROM populace.former_plan
) AS plans CROSS JOIN LATERAL pg_catalog.jsonb_object_keys(document -> 'settings') AS key;

-- name: held
-- How many rows tables hold, by the server's own statistics; -1 where it has none. Of those that take any room: no row
-- is read.
SELECT
    n.nspname || '.' || c.relname,
    CASE
        WHEN c.reltuples > 0 THEN c.reltuples::int8
        WHEN pg_catalog.pg_stat_get_live_tuples(c.oid) > 0 THEN pg_catalog.pg_stat_get_live_tuples(c.oid)
        WHEN pg_catalog.pg_stat_get_tuples_inserted(c.oid) > 0 OR c.reltuples = 0 THEN 0
        ELSE -1
    END
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = ANY (%(tables)s) AND c.relkind = 'r' AND pg_catalog.pg_relation_size(c.oid) > 0
ORDER BY 1;

-- name: extensions
-- Those that are installed, with their versions.
SELECT x.extname || ' ' || x.extversion FROM pg_catalog.pg_extension AS x ORDER BY 1;

-- name: views
-- Views, which are read and never filled.
SELECT n.nspname || '.' || c.relname
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND n.nspname NOT IN ('information_schema', 'populace') AND n.nspname NOT LIKE 'pg\_%'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1;
