{{ config(severity='warn') }}  -- no recording of the FRED series to prove the tolerance on
-- FRED repeats the repo operations of the day by kind of collateral, exercises included. Take-up is small on most days, so
-- small that it stays plausible a thousand times larger: only a second publisher tells. 0.25 billion is the most that an
-- exercise may lend, which FRED dates by its own rules.
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
where lent.operation_date >= date '2021-07-29' and abs(lent.accepted_usd_bn - published.published_usd_bn) > 0.25
