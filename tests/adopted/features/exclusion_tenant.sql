-- feature: an exclusion constraint over a tenant, a room and a range
-- holds: SELECT count(*) > 50 AND count(DISTINCT tenant_id) > 3 AND count(*) FILTER (WHERE cancelled) > 0 FROM bookings
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE tenants (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE rooms (tenant_id int NOT NULL REFERENCES tenants, id int NOT NULL, name text NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE bookings (id bigserial PRIMARY KEY, tenant_id int NOT NULL, room_id int NOT NULL, during tstzrange NOT NULL CHECK (NOT isempty(during)), cancelled boolean NOT NULL DEFAULT false,
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms, EXCLUDE USING gist (tenant_id WITH =, room_id WITH =, during WITH &&) WHERE (NOT cancelled));
CREATE TABLE prices (room int NOT NULL, valid_from date NOT NULL, valid_to date NOT NULL, cents int NOT NULL, CHECK (valid_to > valid_from), EXCLUDE USING gist (room WITH =, daterange(valid_from, valid_to) WITH &&));
