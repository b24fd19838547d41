-- One row for each driver and standard scenario.
with source as (
    select * from {{ ref('scenario_drivers') }}
    where {{ is_public() }}
)

{% for scenario in ['low', 'middle', 'high'] %}
select
    '{{ scenario }}' as scenario,
    driver,
    driver_unit,
    {{ scenario }} as driver_value,
    {{ scenario }}_source as driver_source,
    lowest as lowest_value,
    highest as highest_value,
    known_date,
    what_it_is
from source
{{ 'union all' if not loop.last }}
{% endfor %}
