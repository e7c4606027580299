-- One migration of this database at a time; released by the end of the transaction. The number is "populace" in ASCII.
SELECT pg_advisory_xact_lock(8101817904294617957)
