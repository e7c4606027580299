-- id: T1 · pieces with their tools · 3600000
SELECT p.id, t.name FROM public.pieces AS p JOIN public.uses AS u ON u.piece_id = p.id
JOIN public.tools AS t ON t.id = u.tool_id WHERE p.created_at < %(watermark)s;
