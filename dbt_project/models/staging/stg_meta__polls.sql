with source as (
    select * from {{ source('meta', 'load') }}
    where {{ was_written('loaded_at') }}
),

renamed as (
    select
        dataset,
        unnest(scopes) as scope,
        loaded_at,
        load_seq
    from source
)

select
    dataset,
    nullif(scope, '') as series,
    arg_max(loaded_at, load_seq) as last_polled_at,
    count(*) as loads_count
from renamed
group by dataset, scope
