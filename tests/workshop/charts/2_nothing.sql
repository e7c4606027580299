-- chart: funnel · Nothing yet
SELECT 'never' AS step, 1 AS value WHERE %(pieces)s < 0
