-- The tables that Supabase Realtime sends to browsers; the app adds its own.
CREATE PUBLICATION supabase_realtime;
COMMENT ON PUBLICATION supabase_realtime IS 'made by Populace';
