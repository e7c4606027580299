-- name: cover: a span joins those that it touches
WITH gone AS (
    DELETE FROM populace.coverage WHERE channel = %(channel)s AND low <= %(high)s AND high >= %(low)s RETURNING low, high
)
INSERT INTO populace.coverage AS c (channel, low, high)
SELECT %(channel)s, least(%(low)s, min(low)), greatest(%(high)s, max(high)) FROM gone
ON CONFLICT (channel, low) DO UPDATE SET high = greatest(c.high, excluded.high);

-- name: covered
SELECT low, high FROM populace.coverage WHERE channel = %(channel)s ORDER BY low;
