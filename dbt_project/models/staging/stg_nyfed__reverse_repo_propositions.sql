with source as (
    select * from {{ source('nyfed', 'nyfed__reverse_repo_propositions') }}
    where {{ is_known() }}
),

renamed as (
    select
        operation_id,
        counterparty_type,
        operation_date,
        accepted_usd,
        note,
        known_from,
        known_basis
    from source
),

final as (
    select * from renamed
)

select * from final
