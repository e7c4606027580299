-- Sign-ups of each day, as the daily statistics counted them: also of people who were deleted since.
SELECT (m.day AT TIME ZONE 'UTC')::date AS day, sum(m.new_signups) AS people FROM public.daily_metrics AS m GROUP BY 1
