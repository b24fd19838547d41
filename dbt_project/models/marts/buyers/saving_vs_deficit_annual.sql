-- The saving rate is a share of disposable income and the deficit one of GDP: set against each other they mix
-- denominators. Here each has its own denominator, and both are also over GDP. A year that is not whole has no value.
with observations as (
    select
        series_id,
        observation_date,
        value_canonical
    from {{ ref('stg_fred__observations') }}
    where series_id in ('PSAVERT', 'DSPI', 'GDP', 'A072RC1A156NBEA')
),

-- Sums run in the order of dates, so that a rebuild gives the last digit again.
-- PSAVERT and DSPI are annual rates, so the year's saving is the mean of their product, not its sum.
saving as (
    select
        year(rates.observation_date) as calendar_year,
        {{ mean_in_order('rates.value_canonical', 'rates.observation_date') }} as saving_rate_pct,
        case
            when count(income.value_canonical) = 12
                then {{ mean_in_order('rates.value_canonical * income.value_canonical', 'rates.observation_date') }} / 100
        end as saving_usd_bn
    from observations as rates
    left join observations as income
        on rates.observation_date = income.observation_date and income.series_id = 'DSPI'
    where rates.series_id = 'PSAVERT'
    group by 1
    having count(*) = 12
),

stated as (
    select
        year(observation_date) as calendar_year,
        value_canonical as saving_rate_stated_pct
    from observations
    where series_id = 'A072RC1A156NBEA'
),

gdp as (
    select
        year(observation_date) as calendar_year,
        {{ mean_in_order('value_canonical', 'observation_date') }} as gdp_usd_bn
    from observations
    where series_id = 'GDP'
    group by 1
    having count(*) = 4
),

-- Quarters are dated by their first day: a fiscal year begins with the quarter of October.
fiscal_gdp as (
    select
        year(observation_date + interval 3 month) as fiscal_year,
        {{ mean_in_order('value_canonical', 'observation_date') }} as gdp_fiscal_year_usd_bn
    from observations
    where series_id = 'GDP'
    group by 1
    having count(*) = 4
),

deficit as (
    select
        year(month_date) as calendar_year,
        {{ sum_in_order('deficit_usd_bn', 'month_date') }} as deficit_usd_bn
    from {{ ref('int_federal_budget_monthly') }}
    group by 1
    having count(*) = 12
),

fiscal_deficit as (
    select
        fiscal_year,
        deficit_usd_bn as deficit_fiscal_year_usd_bn,
        deficit_first_print_usd_bn as deficit_fiscal_year_first_print_usd_bn
    from {{ ref('int_federal_budget_fiscal_year') }}
    where months_count = 12
),

years as (
    select calendar_year from saving
    union
    select calendar_year from deficit
    union
    select fiscal_year from fiscal_deficit
)

select
    cast(years.calendar_year as integer) as calendar_year,
    round(saving.saving_rate_pct, 6) as saving_rate_pct,
    stated.saving_rate_stated_pct,
    {{ difference_bn('saving.saving_usd_bn') }} as saving_usd_bn,
    {{ difference_bn('gdp.gdp_usd_bn') }} as gdp_usd_bn,
    {{ difference_bn('deficit.deficit_usd_bn') }} as deficit_usd_bn,
    {{ difference_bn('fiscal_gdp.gdp_fiscal_year_usd_bn') }} as gdp_fiscal_year_usd_bn,
    {{ difference_bn('fiscal_deficit.deficit_fiscal_year_usd_bn') }} as deficit_fiscal_year_usd_bn,
    {{ difference_bn('fiscal_deficit.deficit_fiscal_year_first_print_usd_bn') }}
        as deficit_fiscal_year_first_print_usd_bn,
    round(100 * fiscal_deficit.deficit_fiscal_year_usd_bn / fiscal_gdp.gdp_fiscal_year_usd_bn, 6)
        as deficit_fiscal_year_to_gdp_pct,
    round(100 * deficit.deficit_usd_bn / gdp.gdp_usd_bn, 6) as deficit_to_gdp_pct,
    round(100 * saving.saving_usd_bn / gdp.gdp_usd_bn, 6) as saving_to_gdp_pct,
    round(100 * (deficit.deficit_usd_bn - saving.saving_usd_bn) / gdp.gdp_usd_bn, 6) as deficit_less_saving_to_gdp_pct,
    {{ difference_bn('deficit.deficit_usd_bn - saving.saving_usd_bn') }} as deficit_less_saving_usd_bn
from years
left join saving on years.calendar_year = saving.calendar_year
left join stated on years.calendar_year = stated.calendar_year
left join gdp on years.calendar_year = gdp.calendar_year
left join deficit on years.calendar_year = deficit.calendar_year
left join fiscal_gdp on years.calendar_year = fiscal_gdp.fiscal_year
left join fiscal_deficit on years.calendar_year = fiscal_deficit.fiscal_year
order by years.calendar_year
