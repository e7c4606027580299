-- One installation in this database at a time; released by the end of the transaction. "compatib" in ASCII.
SELECT pg_advisory_xact_lock(7165065861608532322)
