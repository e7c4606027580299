-- feature: intervals, times and ranges with checks
-- holds: SELECT count(*) > 50 AND count(DISTINCT lasts) > 1 FROM shifts
CREATE TABLE shifts (id serial PRIMARY KEY, body text NOT NULL, lasts interval NOT NULL CHECK (lasts > interval '0' AND lasts <= interval '1 day'),
    opens time NOT NULL, closes time NOT NULL, CHECK (closes > opens), days daterange NOT NULL CHECK (lower(days) IS NOT NULL AND upper(days) IS NOT NULL),
    starts timestamptz NOT NULL, ends timestamptz NOT NULL, CHECK (ends >= starts + interval '15 minutes'), CHECK (ends - starts < interval '30 days'),
    weekdays smallint[] NOT NULL CHECK (cardinality(weekdays) BETWEEN 1 AND 7), colour bit(4) NOT NULL, share numeric(3,3) NOT NULL, flag "char" NOT NULL, at timestamptz(0) NOT NULL DEFAULT now());
