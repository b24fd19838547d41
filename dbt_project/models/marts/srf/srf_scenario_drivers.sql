-- The assumptions of the standard scenarios, each with its source.
select
    scenario,
    driver,
    driver_value,
    driver_unit,
    driver_source,
    driver_source like 'assumption%' as is_assumption,
    lowest_value,
    highest_value,
    known_date as driver_known_date,
    what_it_is
from {{ ref('stg_policy__scenario_drivers') }}
order by driver, scenario
