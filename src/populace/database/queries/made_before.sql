-- Every object of a user that there is, of the kinds that are recorded.
SELECT tableoid, oid FROM pg_catalog.pg_namespace WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_class WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_type WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_proc WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_constraint WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_trigger WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_policy WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_rewrite WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_attrdef WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_statistic_ext WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_extension WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_publication WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_publication_rel WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_collation WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_operator WHERE oid >= 16384
UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_cast WHERE oid >= 16384
