-- The last day of a month is the last on which repo trades: a flagged day without SOFR, between days that have it, is
-- flagged by the wrong calendar (Good Friday 2024-03-29 was).
with sofr as (
    select effective_date from {{ ref('stg_nyfed__reference_rates') }}
    where rate_type = 'SOFR'
)

select
    calendar.calendar_date,
    max(sofr.effective_date) filter (where sofr.effective_date < calendar.calendar_date) as sofr_before_date,
    min(sofr.effective_date) filter (where sofr.effective_date > calendar.calendar_date) as sofr_after_date
from {{ ref('int_calendar') }} as calendar
inner join sofr on sofr.effective_date between calendar.calendar_date - 4 and calendar.calendar_date + 5
where calendar.is_month_end
group by calendar.calendar_date
having
    count(*) filter (where sofr.effective_date = calendar.calendar_date) = 0
    and sofr_before_date is not null
    and sofr_after_date is not null
