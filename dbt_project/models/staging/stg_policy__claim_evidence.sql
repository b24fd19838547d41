with source as (
    select * from {{ ref('claim_evidence') }}
    where {{ is_public() }}
),

renamed as (
    select
        evidence_id,
        effective_date,
        value,
        unit,
        known_date,
        status,
        is_verified,
        source,
        note
    from source
),

final as (
    select * from renamed
)

select * from final
