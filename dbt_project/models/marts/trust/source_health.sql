-- Dates and counts come from history as of the as-of time. Only the refresh that judged a value knows whether it was
-- due, so the judgement is here when that refresh was before the as-of time and saw the same newest date; else it is
-- null: unknown rather than borrowed from the future.
-- A failure without a scope concerns every series of its dataset; one older than the last good load is over.
with failures as (
    select
        catalog.dataset,
        catalog.series,
        {{ last_by("quarantine.error || ': ' || quarantine.message", 'quarantine.quarantined_at') }} as last_error,
        max(quarantine.quarantined_at) as last_error_at
    from {{ ref('stg_meta__catalog') }} as catalog
    left join {{ ref('stg_meta__polls') }} as polls
        on catalog.dataset = polls.dataset and catalog.series is not distinct from polls.series
    inner join {{ ref('stg_meta__quarantine') }} as quarantine
        on
            catalog.dataset = quarantine.dataset
            and (quarantine.scope is null or quarantine.scope = catalog.series)
            and quarantine.quarantined_at >= coalesce(polls.last_polled_at, quarantine.quarantined_at)
    group by catalog.dataset, catalog.series
)

select
    catalog.dataset,
    coalesce(catalog.series, '') as series,
    catalog.title,
    catalog.provider_title,
    catalog.cadence,
    case
        when failures.last_error is not null then 'failing'
        when coalesce(held.rows_held, 0) = 0 then 'empty'
        when catalog.is_discontinued then 'discontinued'
        when freshness.is_late then 'late'
        -- Overdue and yet not late: a government shutdown stops its publisher.
        when freshness.due_at < freshness.checked_at then 'suspended'
        when freshness.is_late = false then 'good'
        else 'not judged'
    end as health,
    coalesce(held.rows_held, 0) as rows_held_count,
    held.oldest_date,
    held.newest_date,
    held.newest_known_from,
    freshness.due_at,
    freshness.is_late,
    polls.last_polled_at,
    failures.last_error,
    failures.last_error_at,
    freshness.checked_at
from {{ ref('stg_meta__catalog') }} as catalog
left join {{ ref('stg_meta__held') }} as held
    on catalog.dataset = held.dataset and catalog.series is not distinct from held.series
left join {{ ref('stg_meta__polls') }} as polls
    on catalog.dataset = polls.dataset and catalog.series is not distinct from polls.series
left join failures on catalog.dataset = failures.dataset and catalog.series is not distinct from failures.series
left join {{ ref('stg_meta__freshness') }} as freshness
    on
        catalog.dataset = freshness.dataset
        and catalog.series is not distinct from freshness.series
        and held.newest_date is not distinct from freshness.newest_date
order by catalog.dataset, catalog.series
