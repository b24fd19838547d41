{#- Generated from warehouse/meta.py by `liquidity generate`; do not edit. -#}
select
    dataset,
    series,
    title,
    measure,
    provider,
    provider_title,
    homepage,
    unit,
    cadence,
    release_rule,
    licence,
    licence_terms,
    is_redistributable,
    is_discontinued,
    rests_on,
    held_for
from {{ source('meta', 'catalog') }}
