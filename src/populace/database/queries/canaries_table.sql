-- Where one row of canaries is written.
CREATE TEMPORARY TABLE populace_canaries (
    words text, at timestamptz, share float8, bytes bytea, document jsonb, span interval, day date, price numeric, list text[]
) ON COMMIT DROP
