-- What is outside some schemas and may need what is in them: kind, name, and the statement that makes it again where it is
-- known. Publications: of tables in these schemas. Triggers: on tables of other schemas.
SELECT 'publication of a table', pg_catalog.format('%%I of %%s', p.pubname, r.prrelid::regclass),
    pg_catalog.format('ALTER PUBLICATION %%I ADD TABLE %%I.%%I%%s%%s', p.pubname, n.nspname, c.relname,
        ' (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
                 FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs)) || ')',
        ' WHERE ' || pg_catalog.pg_get_expr(r.prqual, r.prrelid))
FROM pg_catalog.pg_publication_rel AS r
JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
JOIN pg_catalog.pg_class AS c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (%(schemas)s)
UNION ALL
SELECT 'trigger', pg_catalog.format('%%I on %%I.%%I', t.tgname, n.nspname, c.relname), pg_catalog.pg_get_triggerdef(t.oid)
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND n.nspname <> ALL (%(schemas)s) AND n.nspname !~ '^pg_'
UNION ALL
SELECT 'policy', pg_catalog.format('%%I on %%I.%%I', y.polname, n.nspname, c.relname), NULL
FROM pg_catalog.pg_policy AS y
JOIN pg_catalog.pg_class AS c ON c.oid = y.polrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname <> ALL (%(schemas)s)
UNION ALL
SELECT 'constraint', pg_catalog.format('%%I on %%I.%%I', k.conname, n.nspname, c.relname), NULL
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname <> ALL (%(schemas)s) AND n.nspname !~ '^pg_'
UNION ALL
SELECT 'relation', pg_catalog.format('%%I.%%I', n.nspname, c.relname), NULL
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname <> ALL (%(schemas)s) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
UNION ALL
SELECT 'column', pg_catalog.format('%%I.%%I.%%I', n.nspname, c.relname, a.attname), NULL
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND n.nspname <> ALL (%(schemas)s)
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'function', pg_catalog.format('%%I.%%I(%%s)', n.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid)), NULL
FROM pg_catalog.pg_proc AS f JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace
WHERE n.nspname <> ALL (%(schemas)s) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
