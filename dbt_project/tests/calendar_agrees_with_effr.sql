{{ config(severity='warn') }}
-- The holiday rules against the days on which EFFR exists. Advisory: a missing EFFR is more often a late or lost
-- row than a wrong rule. From 2018 on the two agree on every recorded day.
select
    calendar.calendar_date,
    calendar.is_business_day,
    rates.rate_pct as effr_pct
from {{ ref('int_calendar') }} as calendar
left join {{ ref('stg_nyfed__reference_rates') }} as rates
    on calendar.calendar_date = rates.effective_date and rates.rate_type = 'EFFR'
where
    calendar.calendar_date between date '2018-01-01'
    and (select max(effective_date) from {{ ref('stg_nyfed__reference_rates') }} where rate_type = 'EFFR')
    and calendar.is_business_day <> (rates.rate_pct is not null)
