-- name: foreign_keys: of these tables: child, schema and name of the parent, columns, what they refer to, what a deletion does
SELECT wanted.schema_name || '.' || wanted.name, n.nspname, p.relname, k.columns, k.keys, k.on_delete
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN populace.foreign_keys() AS k
    ON k.child = to_regclass(format('%%I.%%I', wanted.schema_name, wanted.name))
JOIN pg_class AS p ON p.oid = k.parent
JOIN pg_namespace AS n ON n.oid = p.relnamespace
ORDER BY 1, k.name;

-- name: unique_keys: of these tables: whole ones (no WHERE, no expression)
SELECT wanted.schema_name || '.' || wanted.name, ARRAY(
    SELECT a.attname::text FROM pg_attribute AS a
    WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]) ORDER BY a.attnum)
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_index AS i ON i.indrelid = to_regclass(format('%%I.%%I', wanted.schema_name, wanted.name))
WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY 1, i.indexrelid;

-- name: asked: columns that somebody changes to ask for something
SELECT wanted.schema_name || '.' || wanted.name, ARRAY(
    SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = g.tgrelid AND a.attnum = ANY (g.tgattr))
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_trigger AS g ON g.tgrelid = to_regclass(format('%%I.%%I', wanted.schema_name, wanted.name))
JOIN pg_proc AS f ON f.oid = g.tgfoid
WHERE cardinality(g.tgattr::int2[]) > 0 AND f.prosrc LIKE '%%populace.ask(%%'
ORDER BY 1, g.tgname;
