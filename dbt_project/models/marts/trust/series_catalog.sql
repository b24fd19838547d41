with uses as (
    select
        dataset,
        series,
        string_agg(mart, ', ' order by mart) as marts
    from {{ ref('stg_meta__lineage') }}
    group by dataset, series
)

select
    catalog.dataset,
    coalesce(catalog.series, '') as series,
    catalog.title,
    catalog.measure,
    catalog.provider_title,
    catalog.homepage,
    catalog.unit,
    catalog.cadence,
    catalog.release_rule,
    held.oldest_date,
    held.newest_date,
    coalesce(held.rows_held, 0) as rows_held_count,
    coalesce(held.revisions_seen, 0) as revisions_seen_count,
    catalog.licence,
    catalog.licence_terms,
    catalog.is_redistributable,
    catalog.is_discontinued,
    coalesce(uses.marts, '') as used_by_marts,
    coalesce(catalog.held_for, '') as held_for
from {{ ref('stg_meta__catalog') }} as catalog
left join {{ ref('stg_meta__held') }} as held
    on catalog.dataset = held.dataset and catalog.series is not distinct from held.series
left join uses on catalog.dataset = uses.dataset and catalog.series is not distinct from uses.series
order by catalog.dataset, catalog.series
