-- What came: the value of each target as it was first known, and when. A sum of several series is known with the last of them.
with first_known as (
    select
        input,
        effective_date,
        min(known_from) as known_at,
        {{ first_by('value', 'known_from') }} as value
    from {{ ref('stg_meta__alert_versions') }} as versions
    where input in ('WALCL', 'WDTGAL', 'WRBWFRBL', 'RRPONTSYD', 'tga') and effective_date >= date '2018-01-01'
    group by input, effective_date
),

days as (
    select * from {{ ref('int_forecast_days') }}
),

liquidity_moments as (
    select
        days.calendar_date as wednesday_date,
        days.business_date as on_rrp_date,
        greatest(assets.known_at, tga.known_at, on_rrp.known_at) as known_at
    from days
    inner join first_known as assets on days.calendar_date = assets.effective_date and assets.input = 'WALCL'
    inner join first_known as tga on days.calendar_date = tga.effective_date and tga.input = 'WDTGAL'
    inner join first_known as on_rrp on days.business_date = on_rrp.effective_date and on_rrp.input = 'RRPONTSYD'
    where {{ weekday_number('days.calendar_date') }} = 3
),

liquidity as (
    select
        moments.wednesday_date,
        moments.known_at,
        {{ difference_bn('assets.value - tga.value - on_rrp.value') }} as value
    from liquidity_moments as moments
    {% for name, (input, day) in {
        'assets': ('WALCL', 'wednesday_date'),
        'tga': ('WDTGAL', 'wednesday_date'),
        'on_rrp': ('RRPONTSYD', 'on_rrp_date'),
    }.items() %}
    inner join {{ ref('stg_meta__alert_versions') }} as {{ name }}
        on
            {{ name }}.input = '{{ input }}'
            and moments.{{ day }} = {{ name }}.effective_date
            and {{ is_known_at(name, 'moments.known_at') }}
    {% endfor %}
)

select
    case first_known.input when 'WALCL' then 'fed_assets' else 'reserves' end as forecast_target,
    first_known.effective_date as target_date,
    first_known.value as outcome_value,
    first_known.known_at as outcome_known_at
from first_known
where first_known.input in ('WALCL', 'WRBWFRBL') and {{ weekday_number('first_known.effective_date') }} = 3
union all
select
    'net_liquidity' as forecast_target,
    wednesday_date as target_date,
    value as outcome_value,
    known_at as outcome_known_at
from liquidity
{% for period in ['month', 'quarter'] %}
union all
select
    'tga_{{ period }}_end' as forecast_target,
    first_known.effective_date as target_date,
    first_known.value as outcome_value,
    first_known.known_at as outcome_known_at
from first_known
inner join days on first_known.effective_date = days.calendar_date and days.is_{{ period }}_end
where first_known.input = 'tga'
{% endfor %}
union all
select
    'sofr_quarter_end' as forecast_target,
    effective_date as target_date,
    sofr_minus_ceiling_bp as outcome_value,
    known_at as outcome_known_at
from {{ ref('int_sofr_first_known_daily') }}
where is_quarter_end_of_repo
