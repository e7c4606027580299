-- Row level security, inheritance, and defaults.
CREATE TABLE documents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), title text NOT NULL, owner text NOT NULL DEFAULT current_user);
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON documents USING (owner = current_user);
CREATE TABLE assets (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE cars (wheels int NOT NULL DEFAULT 4) INHERITS (assets);
ALTER TABLE cars ADD PRIMARY KEY (id);
