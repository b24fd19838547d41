-- Expected times come from the release rules, which Python knows, as the last refresh before the as-of time wrote them.
-- A rule is judged only where the warehouse polled: a value of a first load, or one found by a poll long after it was
-- due, does not show its hour.
with releases as (
    select
        dataset,
        coalesce(series, '') as series,
        dataset_title,
        effective_date,
        expected_at,
        expected_new_york,
        due_at,
        release_rule,
        state,
        came_at,
        came_basis,
        checked_at,
        came_at - interval 1 second as just_before_it_came_at
    from {{ ref('stg_meta__releases') }}
),

loads as (
    select
        dataset,
        series,
        loaded_at
    from {{ ref('stg_meta__loads') }}
),

last_polls as (
    select
        dataset,
        series,
        max(loaded_at) as last_polled_at
    from loads
    group by dataset, series
),

polled as (
    select
        releases.*,
        loads.loaded_at as polled_before_at,
        last_polls.last_polled_at
    from releases
    {{ asof_left_join('loads', 'loads', 'releases.just_before_it_came_at', 'loaded_at', within='dataset, series') }}
        and releases.dataset = loads.dataset and releases.series = loads.series
    left join last_polls on releases.dataset = last_polls.dataset and releases.series = last_polls.series
),

judged as (
    select
        *,
        case
            when state = 'late' and last_polled_at > due_at then 'late'
            when polled_before_at is null or came_basis not in ('observed', 'stamped') then null
            when came_at < expected_at then 'early'
            when came_at <= due_at then 'in time'
            when polled_before_at >= due_at then 'late'
        end as punctuality
    from polled
),

counted as (
    select
        *,
        count(punctuality) over by_rule as rule_judged_count,
        count(case when punctuality = 'in time' then 1 end) over by_rule as rule_hit_count
    from judged
    window by_rule as (partition by dataset, release_rule)
)

select
    counted.dataset,
    counted.series,
    counted.dataset_title,
    catalog.title,
    catalog.provider_title,
    counted.effective_date,
    counted.expected_at,
    counted.expected_new_york,
    counted.due_at,
    counted.state,
    counted.came_at,
    counted.came_basis,
    counted.polled_before_at,
    counted.punctuality,
    counted.release_rule,
    counted.rule_judged_count,
    counted.rule_hit_count,
    100.0 * counted.rule_hit_count / nullif(counted.rule_judged_count, 0) as rule_hit_pct,
    counted.checked_at
from counted
inner join {{ ref('stg_meta__catalog') }} as catalog
    on counted.dataset = catalog.dataset and counted.series = coalesce(catalog.series, '')
order by counted.dataset, counted.series, counted.effective_date
