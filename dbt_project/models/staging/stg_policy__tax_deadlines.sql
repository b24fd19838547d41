with source as (
    select * from {{ ref('tax_deadlines') }}
    where {{ is_public() }}
),

renamed as (
    select
        usual_date,
        deadline_date,
        known_date,
        payments,
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
