-- feature: an audit of every table, numbers by tenant, counts by day, a welcome at the end of the transaction
-- holds: SELECT count(*) > 50 FROM invoices WHERE number > 1
-- holds: SELECT (SELECT sum(invoices) FROM daily) = (SELECT count(*) FROM invoices) AND (SELECT count(*) FROM notifications) = (SELECT count(*) FROM users)
-- holds: SELECT count(DISTINCT relation) = 4 FROM audit
CREATE TABLE tenants (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]+$'), created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE, email text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(), UNIQUE (tenant_id, id), UNIQUE (tenant_id, email));
CREATE TABLE invoices (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL REFERENCES tenants, author_id uuid NOT NULL, number int NOT NULL DEFAULT 0, total numeric(12,2) NOT NULL CHECK (total >= 0), state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft','sent','paid')), paid_at timestamptz, created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, author_id) REFERENCES users (tenant_id, id), UNIQUE (tenant_id, number), CHECK ((state = 'paid') = (paid_at IS NOT NULL)));
CREATE TABLE invoice_lines (invoice_id uuid NOT NULL REFERENCES invoices ON DELETE CASCADE, position int NOT NULL CHECK (position > 0), amount numeric(12,2) NOT NULL CHECK (amount > 0), PRIMARY KEY (invoice_id, position));
CREATE TABLE audit (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), relation text NOT NULL, op text NOT NULL, row_id text, old jsonb, new jsonb);
CREATE TABLE daily (day date PRIMARY KEY, invoices int NOT NULL DEFAULT 0);
CREATE TABLE notifications (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE, kind text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE FUNCTION numbered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SELECT coalesce(max(number), 0) + 1 INTO NEW.number FROM audited_all.invoices WHERE tenant_id = NEW.tenant_id; RETURN NEW; END $$;
CREATE TRIGGER numbered BEFORE INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION numbered();
CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE o jsonb; n jsonb; BEGIN
 IF TG_OP <> 'INSERT' THEN o := to_jsonb(OLD); END IF; IF TG_OP <> 'DELETE' THEN n := to_jsonb(NEW); END IF;
 INSERT INTO audited_all.audit (relation, op, row_id, old, new) VALUES (TG_TABLE_NAME, TG_OP, coalesce(n, o) ->> 'id', o, n); RETURN NULL; END $$;
DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY ARRAY['tenants','users','invoices','invoice_lines'] LOOP EXECUTE format('CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON audited_all.%I FOR EACH ROW EXECUTE FUNCTION audited_all.audited()', t); END LOOP; END $$;
CREATE FUNCTION daily_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audited_all.daily (day, invoices) VALUES (NEW.created_at::date, 1) ON CONFLICT (day) DO UPDATE SET invoices = daily.invoices + 1; RETURN NULL; END $$;
CREATE TRIGGER daily_up AFTER INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION daily_up();
CREATE FUNCTION welcome() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audited_all.notifications (user_id, kind) VALUES (NEW.id, 'welcome'); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER welcome AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION welcome();
