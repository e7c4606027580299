-- What the server holds of the row of canaries: its text in hex as UTF8 and how many characters that are, the other columns
-- as it prints them, and all of them as they come back. A literal with a backslash is what it says, or nothing comes.
SELECT
    encode(convert_to(words, 'UTF8'), 'hex'), char_length(words),
    at::text, share::text, bytes::text, document::text, span::text, day::text, price::text, list::text,
    words, at, share, bytes, document, span, day, price, list
FROM pg_temp.populace_canaries
WHERE length('\n') = 2 AND '2026-02-01'::date = make_date(2026, 2, 1) AND '02/01/2026'::date = make_date(2026, 2, 1)
    AND (NULL = NULL) IS NULL AND '2026-02-01 00:00'::timestamptz = to_timestamp(1769904000)
