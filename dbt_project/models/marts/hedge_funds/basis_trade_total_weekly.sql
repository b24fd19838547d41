-- Sums are in a separate mart from the contracts, so that adding up basis_trade_weekly counts nothing twice. A contract
-- whose face value is not proven (the 3-year note) is left out, as in the published sums that this is compared with.
select
    report_date,
    count(*) as contracts_count,
    {{ difference_bn('sum(long_usd_bn)') }} as long_usd_bn,
    {{ difference_bn('sum(short_usd_bn)') }} as short_usd_bn,
    {{ difference_bn('sum(net_usd_bn)') }} as net_usd_bn,
    {{ difference_bn('sum(asset_manager_net_usd_bn)') }} as asset_manager_net_usd_bn,
    round(sum(short_ten_year_equivalent_contracts), 6) as short_ten_year_equivalent_contracts,
    round(sum(net_ten_year_equivalent_contracts), 6) as net_ten_year_equivalent_contracts
from {{ ref('basis_trade_weekly') }}
where is_face_verified
group by report_date
order by report_date
