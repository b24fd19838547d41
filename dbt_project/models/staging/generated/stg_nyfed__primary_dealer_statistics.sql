{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    key_id,
    as_of_date,
    series_break,
    value_usd_mn,
    known_from,
    known_basis
from {{ source('nyfed', 'nyfed__primary_dealer_statistics') }}
where {{ is_known() }}
