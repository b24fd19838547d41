-- FRED repeats the repo operations of the day by kind of collateral, exercises included. Take-up is so small on most days
-- that it stays plausible a thousand times larger, and would then pass for a funding squeeze: only a second publisher
-- tells. How well the two agree is the pair srf_nyfed_fred; a hundredfold is another unit, whatever FRED counts.
with lent as (
    select
        operation_date,
        sum(accepted_usd_bn) as accepted_usd_bn
    from {{ ref('int_repo_operations') }}
    where operation_type = 'Repo' and term = 'Overnight'
    group by operation_date
),

published as (
    select
        observation_date,
        sum(value_canonical) as published_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id in ('RPONTSYD', 'RPONAGYD', 'RPONMBSD')
    group by observation_date
    having count(*) = 3
)

select
    lent.operation_date,
    lent.accepted_usd_bn,
    published.published_usd_bn
from lent
inner join published on lent.operation_date = published.observation_date
where
    least(lent.accepted_usd_bn, published.published_usd_bn) > 0
    and greatest(lent.accepted_usd_bn, published.published_usd_bn)
    >= 100 * least(lent.accepted_usd_bn, published.published_usd_bn)
    and abs(lent.accepted_usd_bn - published.published_usd_bn) > 1
