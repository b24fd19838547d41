-- Moments at which forecasts are made: 17:00 in New York of each business day since 2018, as a replay, and the newest
-- knowledge of the log, which is now.
with newest as (
    select max(known_from) as as_known_at
    from {{ ref('stg_meta__alert_versions') }}
    where coalesce(input, '') <> 'GDP'  -- no forecast is made from it
)

select
    moments.effective_date,
    moments.as_known_at,
    true as is_replayed
from {{ ref('int_known_moments') }} as moments
inner join newest on moments.as_known_at < newest.as_known_at
where moments.is_business_day and moments.effective_date >= date '2018-01-01'
union all
select
    {{ new_york_date('as_known_at') }} as effective_date,
    as_known_at,
    false as is_replayed
from newest
where as_known_at is not null
