-- Not filtered by the as-of time: tolerances are how this project checks, not facts of a date.
with source as (
    select * from {{ ref('reconciliation_pairs') }}
),

renamed as (
    select
        pair,
        first_publisher,
        second_publisher,
        tolerance,
        unit,
        since_date,
        severity,
        reason
    from source
),

final as (
    select * from renamed
)

select * from final
