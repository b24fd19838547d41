-- Not filtered by the as-of time: thresholds are how this project measures, not facts of a date.
with source as (
    select * from {{ ref('regime_thresholds') }}
),

renamed as (
    select
        regime,
        regime_rank,
        rule_name,
        measure,
        comparison,
        threshold,
        unit,
        enter_business_days,
        leave_business_days,
        status,
        is_verified,
        source
    from source
),

final as (
    select * from renamed
)

select * from final
