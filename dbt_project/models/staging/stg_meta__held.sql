-- What history holds of each series at the as-of time, and how many of its versions came after the first of their row.
{% for dataset in datasets() %}
{% set series = 'cast(' ~ dataset.series_column ~ ' as varchar)' if dataset.series_column else 'cast(null as varchar)' %}
select
    '{{ dataset.id }}' as dataset,
    {{ series }} as series,
    count(case when known_to > timestamp '{{ var("as_of") }}' and not is_deleted then 1 end) as rows_held,
    min(case when known_to > timestamp '{{ var("as_of") }}' and not is_deleted then {{ dataset.date_column }} end)
        as oldest_date,
    max(case when known_to > timestamp '{{ var("as_of") }}' and not is_deleted then {{ dataset.date_column }} end)
        as newest_date,
    max(known_from) as newest_known_from,
    count(*) - count(distinct ({{ dataset.key | join(', ') }})) as revisions_seen
from {{ source(dataset.provider, dataset.table) }}
where {{ was_known() }}
group by 2
{{ 'union all' if not loop.last }}
{% endfor %}
