-- Since 2025-06-26 every business day has a morning and an afternoon operation; losing one halves the day's take-up
-- without any other sign. The newest day is left out: its afternoon may still come.
select
    operation_date,
    count(case when day_half = 'morning' then 1 end) as morning_operations,
    count(case when day_half = 'afternoon' then 1 end) as afternoon_operations
from {{ ref('srf_operations') }}
where
    not is_exercise
    and policy_regime in ('two_daily_operations', 'full_allotment')
    and operation_date < (select max(operation_date) from {{ ref('srf_operations') }})
group by operation_date
having
    count(case when day_half = 'morning' then 1 end) <> 1
    or count(case when day_half = 'afternoon' then 1 end) <> 1
