-- Not cut at the as-of time: claims are the questions, not knowledge, and a state before the essay can be asked them too.
with source as (
    select * from {{ ref('claims') }}
),

renamed as (
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
),

final as (
    select * from renamed
)

select * from final
