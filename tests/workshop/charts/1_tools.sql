-- chart: bar · Pieces by tool · uses & tools, <as they are>
SELECT t.name AS label, count(*) AS value, CASE p.good WHEN 1 THEN 'good' ELSE 'not so good' END AS series
FROM public.uses AS u JOIN public.tools AS t ON t.id = u.tool_id JOIN public.pieces AS p ON p.id = u.piece_id
GROUP BY t.name, p.good ORDER BY p.good DESC, t.name
