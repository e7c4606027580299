-- Populace's own tables that are about the population, and go with it: those of this list that exist. What stays is the
-- mark of an open target (target), the records of migrations (migration, layout) and of what was made (made, privilege), calls that
-- count against a limit (call), what was done here (journal), and what proves rows that are left (former_plan, own_row).
SELECT name
FROM unnest(ARRAY['plan', 'ledger', 'step', 'tally', 'clock', 'draw_statistics', 'intervention', 'snapshot', 'outbox',
    'described', 'delivered', 'coverage', 'emitted', 'day_tally', 'kept', 'delegated_visit', 'delegating_run'])
    WITH ORDINALITY AS listed (name, place)
WHERE to_regclass('populace.' || name) IS NOT NULL
ORDER BY place
