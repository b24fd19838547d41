{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
with source as (
    select * from {{ source('tic', 'tic__major_foreign_holders') }}
    where {{ is_known() }}
),

final as (
    select
        source_table,
        country,
        month_date,
        row_kind,
        holdings_usd_bn,
        known_from,
        known_basis
    from source
)

select * from final
