{#- Generated from dbt_project/seeds/claims.yml by `liquidity generate`; do not edit. -#}
with source as (
    select * from {{ ref('claims') }}
),

final as (
    select
        claim_id,
        link,
        kind,
        claim,
        claimed_text,
        decided_by,
        known_date,
        status,
        is_verified,
        source,
        note
    from source
)

select * from final
