{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    series_id,
    observation_date,
    value,
    unit,
    {{ canonical_value('value', 'unit') }} as value_canonical,
    {{ canonical_unit('unit') }} as canonical_unit,
    known_from,
    known_basis
from {{ source('fred', 'fred__observations') }}
where {{ is_known() }}
