-- Not cut at the as-of time, like the claims: a question is no knowledge about its answer.
with source as (
    select * from {{ ref('essays') }}
)

select
    essay_id,
    title as essay_title,
    published_date as essay_date,
    is_essay,
    source as essay_source,
    note
from source
