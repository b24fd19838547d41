-- One row for each series that a load of a refresh names: when it was polled.
select
    dataset,
    unnest(scopes) as series,
    loaded_at
from {{ source('meta', 'load') }}
where {{ was_written('loaded_at') }} and not coalesce(is_import, false)
