with source as (
    select * from {{ ref('fed_lending_facilities') }}
    where {{ is_public() }}
),

renamed as (
    select
        facility,
        date_effective as effective_date,
        known_date,
        end_date,
        event,
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
