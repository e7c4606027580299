-- Devices in buildings: models that are shipped, readings by the month, alerts that are closed.
CREATE TABLE device_models (sku text PRIMARY KEY, unit text NOT NULL, CHECK (sku ~ '^[A-Z]{2}-[0-9]+$'));
INSERT INTO device_models VALUES ('TH-1', 'celsius'), ('HU-1', 'percent'), ('CO-2', 'ppm');
CREATE TABLE sites (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    city text NOT NULL,
    country_code char(2) NOT NULL,
    time_zone text NOT NULL,
    latitude numeric(8, 5) NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude numeric(8, 5) NOT NULL CHECK (longitude BETWEEN -180 AND 180)
);
CREATE TABLE devices (
    id uuid PRIMARY KEY,
    site_id uuid NOT NULL REFERENCES sites,
    model text NOT NULL REFERENCES device_models,
    serial_number text NOT NULL UNIQUE,
    mac macaddr NOT NULL UNIQUE,
    ip inet,
    state text NOT NULL DEFAULT 'provisioned' CHECK (state IN ('provisioned', 'online', 'retired')),
    installed_at timestamptz NOT NULL,
    last_seen_at timestamptz
);
CREATE TABLE readings (
    device_id uuid NOT NULL REFERENCES devices,
    at timestamptz NOT NULL,
    value double precision NOT NULL,
    quality smallint NOT NULL CHECK (quality BETWEEN 0 AND 100),
    PRIMARY KEY (device_id, at)
) PARTITION BY RANGE (at);
CREATE TABLE readings_before PARTITION OF readings FOR VALUES FROM (MINVALUE) TO ('2026-05-01');
CREATE TABLE readings_since PARTITION OF readings DEFAULT;
CREATE TABLE alerts (
    id bigserial PRIMARY KEY,
    device_id uuid NOT NULL REFERENCES devices,
    severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    message text NOT NULL,
    raised_at timestamptz NOT NULL,
    resolved_at timestamptz CHECK (resolved_at >= raised_at)
);
CREATE UNIQUE INDEX one_open_alert ON alerts (device_id, severity) WHERE resolved_at IS NULL;
