-- One row for each series that a load of a refresh names: when it was polled.
with source as (
    select * from {{ source('meta', 'load') }}
    where {{ was_written('loaded_at') }} and not coalesce(is_import, false)
),

renamed as (
    select
        dataset,
        unnest(scopes) as scope,
        loaded_at
    from source
)

select
    dataset,
    scope as series,
    loaded_at
from renamed
