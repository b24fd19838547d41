-- The standard scenarios as rows: a column for each driver, as the formula reads them.
{% set drivers = scenario_drivers() %}
select
    scenario,
    {% for driver in drivers %}
    max(driver_value) filter (where driver = '{{ driver }}') as {{ driver }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('stg_policy__scenario_drivers') }}
group by scenario
-- All of them or no scenario; a driver that the formula does not know is one too many.
having count(*) = {{ drivers | length }}
