-- Not filtered by the as-of time: it follows from the models, not from what was known.
select * from {{ source('meta', 'lineage') }}
