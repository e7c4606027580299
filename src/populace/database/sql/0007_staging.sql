-- Whether the database may be emptied and filled again, as a nightly refresh does.
ALTER TABLE populace.target
    ADD COLUMN staging boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN populace.target.staging IS 'whether somebody has marked the database as staging: a refresh may empty it';
