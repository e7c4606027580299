-- Calls that cost money, in real time, so that their limits hold beyond the life of a process.

CREATE TABLE populace.call (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text        NOT NULL,
    at      timestamptz NOT NULL,
    counted boolean     NOT NULL DEFAULT true
);
CREATE INDEX call_channel_at ON populace.call (channel, at);
COMMENT ON TABLE populace.call IS
    'Calls to endpoints that are limited by run and by day, of the last two days, by real time; counted: false when nobody was reached';
