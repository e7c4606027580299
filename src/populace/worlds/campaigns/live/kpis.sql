-- The funnel of the documents as shares, as its check measures them: title, value, unit, target, ok, note. ok is null where
-- the check says nothing, and the note says why.
WITH measured AS MATERIALIZED (
:checks/e9_funnel
),
shown (place, of_check, title, note) AS (
    VALUES (1, 'recipients whose mail is sent', 'mailed', 'of recipients'),
        (2, 'mail that is delivered', 'delivered', 'of those mailed'),
        (3, 'delivered: scans the code', 'scan the code', 'of those delivered'),
        (4, 'delivered: visits the page', 'visit their page', 'of those delivered'),
        (5, 'visitors: submits the form', 'fill in the form', 'of visitors'),
        (6, 'forms: becomes a lead', 'become a lead', 'of forms'),
        (7, 'calls, of recipients', 'call', 'of recipients'),
        (8, 'calls that are answered', 'are answered', 'of calls'),
        (9, 'opt-ins, of calls', 'opt in', 'of calls'),
        (10, 'opt-ins that are given a card', 'are given a card', 'of those who opted in')
)
SELECT s.title, m.measured::float8 AS value, 'share' AS unit, round(100 * m.target::numeric, 1)::float8 || ' %%' AS target,
    m.ok, concat_ws('; ', s.note, CASE WHEN m.ok IS NULL THEN m.note END) AS note
FROM shown AS s JOIN measured AS m ON m.title = s.of_check
WHERE m.measured <> 'none'
ORDER BY s.place
