{#- Generated from warehouse/meta.py by `liquidity generate`; do not edit. -#}
with source as (
    select * from {{ source('meta', 'quarantine') }}
    where {{ was_written('quarantined_at') }}
),

final as (
    select
        run_id,
        dataset,
        scope,
        payload_id,
        error,
        message,
        place,
        url,
        quarantined_at
    from source
)

select * from final
