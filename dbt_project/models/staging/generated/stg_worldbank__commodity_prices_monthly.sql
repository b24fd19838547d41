{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    series_id,
    month_date,
    price_usd_per_ozt,
    known_from,
    known_basis
from {{ source('worldbank', 'worldbank__commodity_prices_monthly') }}
where {{ is_known() }}
