with scopes as (
    select
        dataset,
        unnest(scopes) as scope,
        loaded_at,
        load_seq
    from {{ source('meta', 'load') }}
    where {{ was_written('loaded_at') }}
)

select
    dataset,
    nullif(scope, '') as series,
    arg_max(loaded_at, load_seq) as last_polled_at,
    count(*) as loads_count
from scopes
group by dataset, scope
