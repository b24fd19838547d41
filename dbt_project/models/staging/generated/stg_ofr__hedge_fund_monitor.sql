{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    mnemonic,
    observation_date,
    value,
    unit,
    {{ canonical_value('value', 'unit') }} as value_canonical,
    {{ canonical_unit('unit') }} as canonical_unit,
    known_from,
    known_basis
from {{ source('ofr', 'ofr__hedge_fund_monitor') }}
where {{ is_known() }}
