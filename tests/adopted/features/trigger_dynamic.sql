-- feature: triggers that insert by dynamic SQL, in other schemas, through functions
-- holds: SELECT (SELECT count(*) FROM trigger_dynamic_log.events WHERE what = 'orders') >= (SELECT count(*) FROM orders)
-- holds: SELECT (SELECT count(*) FROM order_marks) = (SELECT count(*) FROM orders) AND count(*) > 0 FROM kept_log
CREATE SCHEMA trigger_dynamic_log;
CREATE TABLE trigger_dynamic_log.events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL, body jsonb, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE orders (id serial PRIMARY KEY, customer text NOT NULL, total numeric(9,2) NOT NULL, updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE order_marks (order_id int NOT NULL REFERENCES orders, mark text NOT NULL, PRIMARY KEY (order_id, mark));
CREATE TABLE kept_log (what text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE FUNCTION noted(relation text, body jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('INSERT INTO %I.%I (what, body) VALUES ($1, $2)', 'trigger_dynamic_log', 'events') USING relation, body; END $$;
CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM trigger_dynamic.noted(TG_TABLE_NAME, CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END);
    IF TG_OP = 'INSERT' THEN
        EXECUTE 'INSERT INTO trigger_dynamic.' || quote_ident('order' || '_marks') || ' VALUES ($1, ''new'')' USING NEW.id;
        EXECUTE 'INSERT INTO trigger_dynamic.kept_log (what) VALUES (''order'')';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION audited();
