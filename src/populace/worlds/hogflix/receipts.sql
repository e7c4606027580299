-- What comes back from outside, and is written once under the key that was sent along.

-- name: chat_reply
-- FlixBuddy's answer; nothing when it is there already, or when its conversation has gone meanwhile.
INSERT INTO public.chat_messages (id, conversation_id, role, content, metadata, created_at)
SELECT
    %(id)s::uuid, c.id, 'assistant', %(content)s::text, %(metadata)s::jsonb, %(created_at)s::timestamptz
FROM public.chat_conversations AS c
WHERE c.id = %(conversation_id)s::uuid
ON CONFLICT (id) DO NOTHING;

-- name: chat_so_far
-- What was said in a conversation up to a question, which is the last of it.
SELECT m.role, m.content
FROM public.chat_messages AS m
WHERE m.conversation_id = %(conversation_id)s::uuid AND m.created_at <= %(at)s::timestamptz
ORDER BY m.created_at, m.role DESC;
