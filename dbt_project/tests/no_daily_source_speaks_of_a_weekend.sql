-- Rates, ON RRP and cash balances exist for business days only. A Saturday or Sunday means that values were filled
-- forward, and every average and every change that counts days is then wrong. None of 11,700 recorded values of EFFR,
-- SOFR and ON RRP from 2000 to 2026 is of one, nor is a recorded statement of 2018 to 2026. Operations of the NY Fed
-- are left out: one on a Sunday would be news and no error.
with days as (
    select 'reference rate ' || rate_type as source_name, effective_date
    from {{ ref('stg_nyfed__reference_rates') }}
    union all
    select 'on rrp of fred' as source_name, effective_date
    from {{ ref('int_operations_daily') }}
    where on_rrp_fred_usd_bn is not null
    union all
    select 'daily treasury statement' as source_name, record_date as effective_date
    from {{ ref('int_tga_daily') }}
)

select source_name, effective_date
from days
where extract(isodow from effective_date) > 5
