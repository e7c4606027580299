-- A helpdesk: organisations, agents and customers of them, tickets with a state and its moment, messages, tags, an SLA.
CREATE TYPE ticket_status AS ENUM ('open', 'pending', 'solved', 'closed');
CREATE TABLE organisations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, domain text NOT NULL UNIQUE, time_zone text NOT NULL
);
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, organisation_id bigint NOT NULL REFERENCES organisations (id),
    email text NOT NULL, full_name text NOT NULL, role text NOT NULL CHECK (role IN ('agent', 'customer')), created_at timestamptz NOT NULL,
    UNIQUE (organisation_id, email), UNIQUE (organisation_id, id)
);
CREATE TABLE sla_policies (id serial PRIMARY KEY, name text NOT NULL UNIQUE, first_reply_minutes int NOT NULL CHECK (first_reply_minutes > 0));
CREATE TABLE tickets (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), organisation_id bigint NOT NULL REFERENCES organisations (id), requester_id bigint NOT NULL,
    assignee_id bigint, sla_policy_id int REFERENCES sla_policies (id), subject text NOT NULL, status ticket_status NOT NULL,
    priority text NOT NULL CHECK (priority IN ('low', 'normal', 'high')), created_at timestamptz NOT NULL, solved_at timestamptz,
    FOREIGN KEY (organisation_id, requester_id) REFERENCES users (organisation_id, id),
    FOREIGN KEY (organisation_id, assignee_id) REFERENCES users (organisation_id, id),
    CHECK (assignee_id <> requester_id), CHECK ((status IN ('solved', 'closed')) = (solved_at IS NOT NULL)), CHECK (solved_at >= created_at)
);
CREATE TABLE messages (
    id bigserial PRIMARY KEY, ticket_id uuid NOT NULL REFERENCES tickets (id) ON DELETE CASCADE, author_id bigint NOT NULL REFERENCES users (id),
    body text NOT NULL, is_public boolean NOT NULL DEFAULT true, created_at timestamptz NOT NULL
);
CREATE TABLE tags (id serial PRIMARY KEY, label varchar(30) NOT NULL UNIQUE);
CREATE TABLE ticket_tags (ticket_id uuid NOT NULL REFERENCES tickets (id), tag_id int NOT NULL REFERENCES tags (id), PRIMARY KEY (ticket_id, tag_id));
CREATE TABLE ratings (ticket_id uuid PRIMARY KEY REFERENCES tickets (id), stars smallint NOT NULL CHECK (stars BETWEEN 1 AND 5), comment text);
