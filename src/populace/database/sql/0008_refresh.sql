-- Which backup holds the old data while a refresh is under way.
ALTER TABLE populace.target
    ADD COLUMN refreshing text;
COMMENT ON COLUMN populace.target.refreshing IS
    'the file of the backup that a refresh took before it began to change the database; null when none is under way';
