-- Sums by day: standing repo without exercises (one operation a day, two since 2025-06-26), and ON RRP and all overnight
-- repo from both of their sources. Half a day is not a small day: until both operations are known its take-up is not.
with summed as (
    select
        operation_date as effective_date,
        {{ srf_take_up_usd_bn() }} as srf_accepted_usd_bn,
        count(case when is_standing_repo and not is_exercise then operation_id end) as srf_operations_count,
        {{ difference_bn('sum(case when is_standing_repo and is_exercise then accepted_usd_bn end)') }}
            as srf_exercise_usd_bn,
        {{ on_rrp_of_operations_usd_bn() }} as on_rrp_nyfed_usd_bn,
        {{ difference_bn("sum(case when operation_type = 'Repo' and term = 'Overnight' then accepted_usd_bn end)") }}
            as repo_nyfed_usd_bn
    from {{ ref('int_repo_operations') }} as operations
    group by operation_date
),

published as (
    select
        observation_date as effective_date,
        max(value_canonical) filter (where series_id = 'RRPONTSYD') as on_rrp_fred_usd_bn,
        -- By kind of collateral: a sum of all three or nothing.
        case
            when count(*) filter (where series_id <> 'RRPONTSYD') = 3
                then {{ difference_bn("sum(value_canonical) filter (where series_id <> 'RRPONTSYD')") }}
        end as repo_fred_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id in ('RRPONTSYD', 'RPONTSYD', 'RPONAGYD', 'RPONMBSD')
    group by observation_date
)

select
    coalesce(summed.effective_date, published.effective_date) as effective_date,
    summed.srf_accepted_usd_bn,
    summed.srf_operations_count,
    summed.srf_exercise_usd_bn,
    published.on_rrp_fred_usd_bn,
    summed.on_rrp_nyfed_usd_bn,
    summed.repo_nyfed_usd_bn,
    published.repo_fred_usd_bn,
    coalesce(summed.on_rrp_nyfed_usd_bn, published.on_rrp_fred_usd_bn) as on_rrp_usd_bn
from summed
full outer join published on summed.effective_date = published.effective_date
