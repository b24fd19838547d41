-- What CBO projects to be borrowed in each quarter after a start, as it was known at the origin: the newest row of a
-- fiscal year, a fourth of it a quarter. Origins are the end of each January since 2022, for the back-test, and now.
{% set form_pf_days = 80 %}
with states as (
    select quarter_date
    from {{ ref('int_scenario_states') }}
    where is_complete
),

origins as (
    select
        date '9999-12-31' as origin_date,
        max(quarter_date) as start_date
    from states
    union all
    select
        origins.origin_date,
        max(states.quarter_date) as start_date
    from (
        select make_date(cast(origin_year as integer), 1, 31) as origin_date
        from (
            select {{ whole_numbers(2022, '(select max(year(quarter_date)) from states)') }} as origin_year
        )
    ) as origins
    inner join states on states.quarter_date + {{ form_pf_days }} <= origins.origin_date
    group by origins.origin_date
),

known as (
    select
        origins.origin_date,
        origins.start_date,
        cbo.fiscal_year,
        {{ last_by('cbo.implied_borrowing_usd_bn', 'cbo.known_date') }} as borrowing_usd_bn,
        {{ last_by("coalesce('CBO ' || cbo.vintage_month, 'actual')", 'cbo.known_date') }} as borrowing_source
    from origins
    inner join {{ ref('stg_policy__cbo_baseline') }} as cbo on cbo.known_date <= origins.origin_date
    where cbo.implied_borrowing_usd_bn is not null
    group by origins.origin_date, origins.start_date, cbo.fiscal_year
),

quarters as (
    select
        origin_date,
        start_date,
        last_day({{ months_later('make_date(fiscal_year - 1, 12, 1)', '3 * quarters.place') }}) as quarter_date,
        borrowing_usd_bn / 4 as cbo_borrowing_usd_bn,
        borrowing_source
    from known
    cross join (select {{ whole_numbers(0, 3) }} as place) as quarters
)

select
    origin_date,
    start_date,
    quarter_date,
    row_number() over (partition by origin_date order by quarter_date) as quarter_number,
    cbo_borrowing_usd_bn,
    borrowing_source
from quarters
where quarter_date > start_date
