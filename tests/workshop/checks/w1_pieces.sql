SELECT 'W1' AS id, 'pieces, of <every> kind' AS title, '20' AS documented, %(pieces)s::text AS target, count(*) AS measured,
    count(*) = %(pieces)s AS ok
FROM public.pieces WHERE substr(batch_id::text, 15, 1) = '8'
UNION ALL
SELECT 'W1', 'kinds of tools', '', 'info', count(*), NULL FROM public.tools
