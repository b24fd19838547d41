-- Not filtered by the as-of time: it follows from the models, not from what was known.
with final as (
    select * from {{ source('meta', 'lineage') }}
)

select * from final
