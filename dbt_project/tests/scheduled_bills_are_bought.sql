{{ config(severity='warn') }}
-- Bills bought at the operations of a schedule against what it announced: nine tenths of the reserve management at
-- least, and in addition no more than 30 billion a month, about twice what agency principal brings. A monthly total that
-- already contains reinvestment, taken for reserve management, comes up. Advisory: some days of the schedules are modelled.
with bought as (
    select
        operation_date,
        {{ usd_to_bn('accepted_usd') }} as accepted_usd_bn
    from {{ ref('stg_nyfed__treasury_operations') }}
    where operation_type = 'Outright Bill Purchase'
)

select
    schedules.period_start_date,
    schedules.period_end_date,
    schedules.reserve_management_usd_bn,
    sum(bought.accepted_usd_bn) as bought_usd_bn
from {{ ref('stg_policy__rmp_schedule') }} as schedules
inner join bought on bought.operation_date between schedules.period_start_date and schedules.period_end_date
where
    -- Whole periods only: operations are held on both sides of it.
    schedules.period_start_date > (select min(operation_date) from bought)
    and schedules.period_end_date < (select max(operation_date) from bought)
group by
    schedules.period_start_date,
    schedules.period_end_date,
    schedules.reserve_management_usd_bn,
    schedules.schedules_count
having
    sum(bought.accepted_usd_bn) not between 0.9 * schedules.reserve_management_usd_bn
    and schedules.reserve_management_usd_bn + 30 * schedules.schedules_count
