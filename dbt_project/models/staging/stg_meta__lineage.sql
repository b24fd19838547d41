-- Not filtered by the as-of time: it follows from the models, not from what was known.
with source as (
    select * from {{ source('meta', 'lineage') }}
),

renamed as (
    select
        dataset,
        series,
        mart
    from source
),

final as (
    select * from renamed
)

select * from final
