"""Everything between Populace and a PostgreSQL server: which one, how to connect, whether it may be written to.

Nothing here knows a world. SQL lives in `.sql` files: `sql/` holds the migrations of Populace's own schema, `compat/`
what a plain PostgreSQL lacks of Supabase, `queries/` what is read from catalogs.
"""
