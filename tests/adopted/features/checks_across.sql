-- feature: checks across columns
-- holds: SELECT count(*) > 50 AND bool_or(closed_at IS NULL) AND bool_or(closed_at IS NOT NULL) FROM deals
CREATE TABLE deals (id serial PRIMARY KEY, net numeric(10, 2) NOT NULL, tax numeric(10, 2) NOT NULL, gross numeric(10, 2) NOT NULL,
    low int NOT NULL, high int NOT NULL, opened_at timestamptz NOT NULL, closed_at timestamptz, stage text NOT NULL,
    CHECK (gross = net + tax), CHECK (low < high), CHECK (closed_at IS NULL OR closed_at >= opened_at),
    CHECK ((stage IN ('won', 'lost')) = (closed_at IS NOT NULL)), CHECK (stage IN ('open', 'won', 'lost')), CHECK (net >= 0 AND tax >= 0 AND tax <= net));
