with months as (
    select
        month_date,
        max(source_table) as source_table,
        max(case when country = 'Grand Total' then holdings_usd_bn end) as total_usd_bn,
        max(case when country = 'Foreign Official' then holdings_usd_bn end) as official_usd_bn,
        max(case when country = 'Foreign Official Treasury Bills' then holdings_usd_bn end) as official_bills_usd_bn,
        max(case when country = 'Foreign Official T-Bonds & Notes' then holdings_usd_bn end)
            as official_coupons_usd_bn,
        -- Not the group "Carib Bnkng Ctrs", which is in its place until 2011.
        max(case when country = 'Cayman Islands' then holdings_usd_bn end) as cayman_usd_bn,
        sum(case when row_kind in ('country', 'group') then holdings_usd_bn end) as countries_usd_bn,
        max(case when country = 'All Other' then 1 else 0 end) = 1 as is_list_whole,
        max(case when country = 'Grand Total' then net_purchases_usd_bn end) as net_purchases_usd_bn,
        max(case when country = 'Foreign Official' then net_purchases_usd_bn end) as official_net_purchases_usd_bn,
        max(case when country = 'Cayman Islands' then net_purchases_usd_bn end) as cayman_net_purchases_usd_bn,
        max(gold_usd_per_ozt) as gold_usd_per_ozt
    from {{ ref('foreign_holdings_monthly') }}
    group by month_date
)

select
    month_date,
    source_table,
    total_usd_bn,
    official_usd_bn,
    official_bills_usd_bn,
    official_coupons_usd_bn,
    {{ difference_bn('total_usd_bn - official_usd_bn') }} as private_usd_bn,
    cayman_usd_bn,
    {{ difference_bn('total_usd_bn - official_usd_bn - cayman_usd_bn') }} as private_without_cayman_usd_bn,
    100 * official_usd_bn / total_usd_bn as official_share_pct,
    case when is_list_whole then {{ difference_bn('countries_usd_bn - total_usd_bn') }} end
        as countries_minus_total_usd_bn,
    net_purchases_usd_bn,
    official_net_purchases_usd_bn,
    {{ difference_bn('net_purchases_usd_bn - official_net_purchases_usd_bn') }} as private_net_purchases_usd_bn,
    cayman_net_purchases_usd_bn,
    {{ difference_bn('net_purchases_usd_bn - official_net_purchases_usd_bn - cayman_net_purchases_usd_bn') }}
        as private_without_cayman_net_purchases_usd_bn,
    month_date >= date '2023-02-28' as is_flow_comparable,
    gold_usd_per_ozt
from months
order by month_date
