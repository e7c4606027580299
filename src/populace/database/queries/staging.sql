-- Whether the mark of this database can say that it is staging: an older version of Populace may have opened it.
SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
               WHERE a.attrelid = pg_catalog.to_regclass('populace.target') AND a.attname = 'refreshing' AND NOT a.attisdropped)
