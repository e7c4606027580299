-- What is older than so many days, closed journeys only; see the function.
SELECT public.cleanup_synthetic_data_before(
    coalesce(%(as_of)s::timestamptz, populace.now()) - make_interval(days => %(retain_days)s::integer))
