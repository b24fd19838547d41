-- While there was a limit on the total (300 billion, 2014-09-22 to 2015-12-16), no day has more: a limit dated late, or
-- amounts in another unit, come up.
with limits as (
    select
        effective_date,
        aggregate_limit_usd_bn,
        lead(effective_date, 1, date '9999-12-31') over (order by effective_date) as next_effective_date
    from {{ ref('stg_policy__on_rrp_terms') }}
)

select
    operations.effective_date,
    operations.on_rrp_usd_bn,
    limits.aggregate_limit_usd_bn
from {{ ref('int_operations_daily') }} as operations
inner join limits
    on
        operations.effective_date >= limits.effective_date
        and operations.effective_date < limits.next_effective_date
where operations.on_rrp_usd_bn > limits.aggregate_limit_usd_bn
