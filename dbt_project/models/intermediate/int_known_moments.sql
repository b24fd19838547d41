-- 17:00 in New York of each day: after every release of the day but FRED's copies of the evening. The last day is the
-- last one whose 17:00 is before the newest knowledge that the log has: no moment is ahead of what was polled.
with known as (
    select min(known_from) as first_known_at, max(known_from) as last_known_at
    from {{ ref('stg_meta__alert_versions') }}
    where coalesce(input, '') not in ('WRESBAL', 'GDP')  -- they begin decades before the rest
),

moments as (
    select
        calendar_date as effective_date,
        is_business_day,
        {{ new_york_to_utc('calendar_date', 17) }} as as_known_at
    from {{ ref('int_calendar') }}
)

select
    moments.*
from moments
inner join known on moments.as_known_at between known.first_known_at and known.last_known_at
