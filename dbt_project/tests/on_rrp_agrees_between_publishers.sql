-- FRED's RRPONTSYD against the NY Fed's own operations. FRED counts exercises on Treasury collateral (94 to 116
-- million dollars in 2022 to 2025), hence 0.2 billion; every other recorded day agrees to the million.
select
    effective_date,
    on_rrp_nyfed_usd_bn,
    on_rrp_fred_usd_bn,
    on_rrp_fred_usd_bn - on_rrp_nyfed_usd_bn as difference_usd_bn
from {{ ref('int_operations_daily') }}
where
    effective_date >= date '2022-01-01'
    and abs(on_rrp_fred_usd_bn - on_rrp_nyfed_usd_bn) > 0.2
