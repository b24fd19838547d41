-- Net purchases begin in February 2023, when form SLT took over. Older ones came from form S, which saw trades from the
-- other side and missed some: they do not join, so there is no value before.
with flows as (
    select
        month_date,
        replace(country, 'Of Which: ', '') as country,
        {{ usd_mn_to_bn('net_purchases_usd_mn') }} as net_purchases_usd_bn,
        {{ usd_mn_to_bn('long_term_net_purchases_usd_mn') }} as long_term_net_purchases_usd_bn,
        {{ usd_mn_to_bn('short_term_net_purchases_usd_mn') }} as bills_net_purchases_usd_bn,
        {{ usd_mn_to_bn('long_term_valuation_change_usd_mn') }} as valuation_change_usd_bn
    from {{ ref('stg_tic__slt_country_flows') }}
    where month_date >= date '2023-02-28'
),

totals as (
    select
        month_date,
        holdings_usd_bn
    from {{ ref('int_foreign_holdings_monthly') }}
    where row_kind = 'total'
),

gold as (
    select
        month_date,
        price_usd_per_ozt
    from {{ ref('stg_worldbank__commodity_prices_monthly') }}
    where series_id = 'gold'
)

select
    holders.month_date,
    holders.country,
    holders.row_kind,
    holders.source_table,
    holders.holdings_usd_bn,
    {{ difference_bn('holders.change_usd_bn') }} as change_usd_bn,
    100 * holders.holdings_usd_bn / totals.holdings_usd_bn as share_of_total_pct,
    flows.net_purchases_usd_bn,
    flows.long_term_net_purchases_usd_bn,
    flows.bills_net_purchases_usd_bn,
    flows.valuation_change_usd_bn,
    {{ difference_bn('holders.change_usd_bn - flows.net_purchases_usd_bn') }} as change_without_purchases_usd_bn,
    holders.month_date >= date '2023-02-28' as is_flow_comparable,
    gold.price_usd_per_ozt as gold_usd_per_ozt
from {{ ref('int_foreign_holdings_monthly') }} as holders
left join totals on holders.month_date = totals.month_date
left join flows on holders.month_date = flows.month_date and holders.country = flows.country
left join gold on holders.month_date = gold.month_date
order by holders.month_date, holders.country
