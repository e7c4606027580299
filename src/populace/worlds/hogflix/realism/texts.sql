-- What people wrote: to FlixBuddy, and in tickets.
SELECT c.user_id AS person, 'chat_messages' AS kind, m.content AS said
FROM public.chat_messages AS m JOIN public.chat_conversations AS c ON c.id = m.conversation_id
JOIN auth.users AS u ON u.id = c.user_id
WHERE m.role = 'user' AND split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
UNION ALL
SELECT t.user_id, 'support_tickets', t.description
FROM public.support_tickets AS t JOIN auth.users AS u ON u.id = t.user_id
WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
