-- What leaves the database for somebody else, by channel, as the world declares them: rows that wait to be sent, what was
-- sent, the spans of simulated time that were queued, and calls that are limited. With it two records of rows by day.

CREATE TABLE populace.outbox (
    id         uuid        PRIMARY KEY,
    channel    text        NOT NULL,
    at         timestamptz NOT NULL,
    kind       text        NOT NULL,
    payload    jsonb       NOT NULL,
    attempts   integer     NOT NULL DEFAULT 0,
    not_before timestamptz,
    error      text,
    rejected   boolean     NOT NULL DEFAULT false
);
COMMENT ON TABLE populace.outbox IS
    'Rows that wait to be sent by a channel of the world; a row is deleted when the other side has accepted it';
COMMENT ON COLUMN populace.outbox.at IS 'Simulated time of what happened';
COMMENT ON COLUMN populace.outbox.not_before IS 'Real time before which it is not tried again; null: at once';
COMMENT ON COLUMN populace.outbox.error IS 'The message of the last failed attempt';
COMMENT ON COLUMN populace.outbox.rejected IS 'Refused for good; it waits for a retry on request, and blocks no other row';
CREATE INDEX outbox_waiting ON populace.outbox (channel, at, id) WHERE NOT rejected;

CREATE TABLE populace.described (
    channel text        NOT NULL,
    person  text        NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (channel, person)
);
COMMENT ON TABLE populace.described IS
    'Of when the newest properties of a person are that were sent; older ones, which may be sent later, do not replace them';

CREATE TABLE populace.delivered (
    channel text   NOT NULL,
    day     date   NOT NULL,
    kind    text   NOT NULL,
    n       bigint NOT NULL,
    PRIMARY KEY (channel, day, kind)
);
COMMENT ON TABLE populace.delivered IS
    'How many rows of the outbox were sent, by the simulated day (UTC) of what happened; counted when they are deleted from the outbox';

CREATE TABLE populace.coverage (
    channel text        NOT NULL,
    low     timestamptz NOT NULL,
    high    timestamptz NOT NULL CHECK (high > low),
    PRIMARY KEY (channel, low)
);
COMMENT ON TABLE populace.coverage IS
    'Spans of simulated time, low included and high excluded, whose rows have been put into the outbox; merged when they touch';

CREATE TABLE populace.emitted (
    table_name text   NOT NULL,
    kind       text   NOT NULL,
    day        date   NOT NULL,
    n          bigint NOT NULL,
    withheld   bigint NOT NULL,
    PRIMARY KEY (table_name, kind, day)
);
COMMENT ON TABLE populace.emitted IS
    'Rows that the population emitted, by the day of their time, also those removed later; withheld: not written, because their person had left before; kind: where rows of a table are counted apart; found: of people who were there before history began';

CREATE TABLE populace.day_tally (
    table_name text   NOT NULL,
    day        date   NOT NULL,
    inserted   bigint NOT NULL,
    removed    bigint NOT NULL,
    PRIMARY KEY (table_name, day)
);
COMMENT ON TABLE populace.day_tally IS 'Rows inserted and rows removed, by the day of their created_at';

CREATE TABLE populace.call (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text        NOT NULL,
    at      timestamptz NOT NULL,
    counted boolean     NOT NULL DEFAULT true
);
CREATE INDEX call_channel_at ON populace.call (channel, at);
COMMENT ON TABLE populace.call IS
    'Calls to endpoints that are limited by run and by day, of the last two days, by real time; counted: false when nobody was reached';
