-- Not cut at the as-of time, like the claims: how a question is measured is no knowledge about its answer.
with source as (
    select * from {{ ref('claim_measures') }}
),

renamed as (
    select
        claim_id,
        measure_id,
        measure_number,
        label,
        definition,
        unit,
        claimed_value,
        supported_low_value,
        supported_high_value,
        tolerance_reason,
        is_deciding,
        caveat_for,
        judged_from_date,
        inputs,
        data_sources,
        known_date,
        status,
        is_verified,
        source
    from source
),

final as (
    select * from renamed
)

select * from final
