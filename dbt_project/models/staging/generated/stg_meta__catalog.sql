{#- Generated from warehouse/meta.py by `liquidity generate`; do not edit. -#}
with source as (
    select * from {{ source('meta', 'catalog') }}
),

final as (
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
    from source
)

select * from final
