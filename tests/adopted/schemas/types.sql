-- One column of each type that the server has by itself.
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s fine');
CREATE TYPE pair AS (a int, b text);
CREATE TABLE everything (
    id uuid PRIMARY KEY, i2 smallint NOT NULL, i4 integer NOT NULL, i8 bigint NOT NULL, n numeric(12, 3) NOT NULL, n0 numeric NOT NULL,
    f4 real NOT NULL, f8 double precision NOT NULL, m money NOT NULL, b boolean NOT NULL, c char(5) NOT NULL, v varchar(7) NOT NULL,
    t text NOT NULL, by bytea NOT NULL, d date NOT NULL, ti time NOT NULL, tz timetz NOT NULL, ts timestamp NOT NULL,
    tsz timestamptz NOT NULL, iv interval NOT NULL, ip inet NOT NULL, net cidr NOT NULL, mac macaddr NOT NULL, mac8 macaddr8 NOT NULL,
    bi bit(4) NOT NULL, vb bit varying(9) NOT NULL, u uuid NOT NULL, j json NOT NULL, jb jsonb NOT NULL,
    ta text[] NOT NULL, ia int[] NOT NULL, ua uuid[] NOT NULL, r4 int4range NOT NULL, r8 int8range NOT NULL, rn numrange NOT NULL,
    rts tsrange NOT NULL, rtz tstzrange NOT NULL, rd daterange NOT NULL, mr datemultirange NOT NULL, p point NOT NULL, bx box NOT NULL,
    ci circle NOT NULL, pl polygon NOT NULL, pa path NOT NULL, ls lseg NOT NULL, li line NOT NULL, tv tsvector NOT NULL,
    tq tsquery NOT NULL, e mood NOT NULL, ea mood[] NOT NULL, lsn pg_lsn NOT NULL, q "char" NOT NULL, comp pair
);
CREATE TABLE composed (id int PRIMARY KEY, p pair NOT NULL);
