-- Not filtered by the as-of time: the catalog describes series, not what was known of them.
with source as (
    select * from {{ source('meta', 'catalog') }}
),

renamed as (
    select
        dataset,
        series,
        title,
        measure,
        provider,
        provider_title,
        homepage,
        unit,
        cadence,
        release_rule,
        licence,
        licence_terms,
        is_redistributable,
        is_discontinued,
        held_for
    from source
),

final as (
    select * from renamed
)

select * from final
