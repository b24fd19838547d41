-- Not cut at the as-of time, like the claims: a question is no knowledge about its answer.
select
    essay_id,
    title as essay_title,
    published_date as essay_date,
    is_essay,
    source as essay_source,
    note
from {{ ref('essays') }} as source
