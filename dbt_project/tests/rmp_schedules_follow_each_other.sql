-- Each schedule of bill purchases begins the day after the one before ends: no day has two amounts or none.
with schedules as (
    select
        period_start_date,
        period_end_date,
        lag(period_end_date) over (order by period_start_date) as previous_end_date
    from {{ ref('rmp_schedule') }}
)

select *
from schedules
where period_end_date < period_start_date or period_start_date <> previous_end_date + 1
