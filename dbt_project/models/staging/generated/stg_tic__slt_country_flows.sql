{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    country_code,
    country,
    month_date,
    treasury_position_usd_mn,
    net_purchases_usd_mn,
    long_term_position_usd_mn,
    long_term_net_purchases_usd_mn,
    long_term_valuation_change_usd_mn,
    short_term_position_usd_mn,
    short_term_net_purchases_usd_mn,
    known_from,
    known_basis
from {{ source('tic', 'tic__slt_country_flows') }}
where {{ is_known() }}
