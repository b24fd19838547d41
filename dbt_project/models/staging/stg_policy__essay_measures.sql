-- Not cut at the as-of time, like the claims: how a question is measured is no knowledge about its answer.
with source as (
    select * from {{ ref('essay_measures') }}
),

renamed as (
    select
        claim_id,
        measure_id,
        measure_number,
        measure_role,
        label,
        definition,
        statistic,
        inputs,
        divided_by,
        factor,
        level_low_value,
        level_high_value,
        first_date,
        last_date,
        slack_days,
        unit,
        claimed_value,
        supported_low_value,
        supported_high_value,
        tolerance_reason
    from source
),

final as (
    select * from renamed
)

select * from final
