-- feature: a sign-up trigger on auth.users
-- holds: SELECT count(*) > 0 AND count(*) = (SELECT count(*) FROM auth.users) FROM sign_up.users
CREATE SCHEMA IF NOT EXISTS auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY, email text UNIQUE, raw_user_meta_data jsonb, created_at timestamptz);
CREATE TABLE users (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, email text, full_name text);
CREATE FUNCTION handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN INSERT INTO sign_up.users (id, email, full_name) VALUES (NEW.id, NEW.email, NEW.raw_user_meta_data ->> 'full_name'); RETURN NEW; END $$;
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION handle_new_user();
