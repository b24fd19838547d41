-- What simple models say of SOFR less the ceiling at the next end of a quarter, at each moment: by past ends of quarters,
-- and by those whose reserves were nearest to today's. A value of a day is as it was first known. The interval is from the
-- least to the most of the eight: seven ninths of what comes next, if it is of their kind.
{% set moments = ref('int_forecast_moments') %}
{% set ends = 8 %}
with weeks as (
    {{ values_as_known(['WRESBAL'], 20, moments) }}
),

reserves as (
    select
        as_known_at,
        {{ last_by('value', 'value_date') }} as reserves_usd_bn,
        {{ last_by('known_from', 'value_date') }} as known_from
    from weeks
    group by as_known_at
),

newest as (
    select
        moments.effective_date,
        moments.as_known_at,
        max(spreads.effective_date) as value_date,
        {{ last_by('spreads.sofr_minus_ceiling_bp', 'spreads.effective_date') }} as spread_bp,
        {{ last_by('spreads.business_day_number', 'spreads.effective_date') }} as business_day_number,
        {{ last_by('spreads.next_quarter_end_of_repo_date', 'spreads.effective_date') }} as target_date,
        {{ last_by('spreads.basis_rank', 'spreads.effective_date') }} as basis_rank,
        {{ last_by('spreads.known_at', 'spreads.effective_date') }} as known_from
    from (
        select
            effective_date,
            as_known_at,
            {{ days_back_from('effective_date', 20) }} as value_date
        from {{ moments }}
    ) as moments
    inner join {{ ref('int_sofr_first_known_daily') }} as spreads
        on moments.value_date = spreads.effective_date and moments.as_known_at >= spreads.known_at
    group by moments.effective_date, moments.as_known_at
),

dated as (
    select
        newest.*,
        ends.business_day_number - newest.business_day_number as days_left,
        ends.business_day_number - today.business_day_number as horizon_days,
        reserves.reserves_usd_bn,
        reserves.known_from as reserves_known_from
    from newest
    inner join {{ ref('int_forecast_days') }} as ends on newest.target_date = ends.calendar_date
    inner join {{ ref('int_forecast_days') }} as today on newest.effective_date = today.calendar_date
    left join reserves on newest.as_known_at = reserves.as_known_at
),

-- Reserves of the newest week that was known with SOFR of the last day of the quarter.
past_ends as (
    select
        spreads.effective_date as end_date,
        spreads.known_at,
        spreads.business_day_number,
        spreads.sofr_minus_ceiling_bp as spread_bp,
        {{ last_by('weeks.value', 'weeks.effective_date') }} as reserves_usd_bn
    from {{ ref('int_sofr_first_known_daily') }} as spreads
    left join {{ ref('stg_meta__alert_versions') }} as weeks
        on
            weeks.input = 'WRESBAL'
            and weeks.effective_date between spreads.effective_date - 20 and spreads.effective_date
            and {{ is_known_at('weeks', 'spreads.known_at') }}
    where spreads.is_quarter_end_of_repo
    group by
        spreads.effective_date, spreads.known_at, spreads.business_day_number, spreads.sofr_minus_ceiling_bp
),

-- Each with its rise over the last five business days, or fewer when fewer are left today.
ranked as (
    select
        dated.as_known_at,
        past_ends.end_date,
        past_ends.spread_bp,
        past_ends.spread_bp - before.sofr_minus_ceiling_bp as rise_bp,
        row_number() over (partition by dated.as_known_at order by past_ends.end_date desc) as place_by_date,
        case
            when past_ends.reserves_usd_bn is not null and before.sofr_minus_ceiling_bp is not null
                then row_number() over (
                    partition by
                        dated.as_known_at, past_ends.reserves_usd_bn is null or before.sofr_minus_ceiling_bp is null
                    order by
                        abs(past_ends.reserves_usd_bn - dated.reserves_usd_bn), past_ends.end_date desc
                )
        end as place_by_reserves
    from dated
    inner join past_ends
        on dated.as_known_at >= past_ends.known_at and dated.value_date >= past_ends.end_date
    left join {{ ref('int_sofr_first_known_daily') }} as before
        on
            past_ends.business_day_number - least(dated.days_left, 5) = before.business_day_number
            and dated.as_known_at >= before.known_at
),

distributions as (
    select
        as_known_at,
        {{ last_by('spread_bp', 'end_date') }} as previous_bp,
        count(case when place_by_date <= {{ ends }} then 1 end) as ends_count,
        count(case when place_by_reserves <= {{ ends }} then 1 end) as near_ends_count,
        {% for name, value, place in [('bp', 'spread_bp', 'place_by_date'), ('rise_bp', 'rise_bp', 'place_by_reserves')] %}
        min({{ value }}) filter (where {{ place }} <= {{ ends }}) as low_{{ name }},
        {{ quantile('case when ' ~ place ~ ' <= ' ~ ends ~ ' then ' ~ value ~ ' end', 0.5) }} as middle_{{ name }},
        max({{ value }}) filter (where {{ place }} <= {{ ends }}) as high_{{ name }}
        {{ ',' if not loop.last }}
        {% endfor %}
    from ranked
    group by as_known_at
)

{% for model, (low, middle, high, condition) in {
    'persistence': ('cast(null as double)', 'dated.spread_bp', 'cast(null as double)', 'true'),
    'previous_release': ('cast(null as double)', 'distributions.previous_bp', 'cast(null as double)', 'true'),
    'past_quarter_ends': (
        'distributions.low_bp', 'distributions.middle_bp', 'distributions.high_bp',
        'distributions.ends_count = ' ~ ends,
    ),
    'quarter_ends_of_like_reserves': (
        'dated.spread_bp + distributions.low_rise_bp', 'dated.spread_bp + distributions.middle_rise_bp',
        'dated.spread_bp + distributions.high_rise_bp',
        'distributions.near_ends_count = ' ~ ends ~ ' and dated.reserves_usd_bn is not null',
    ),
}.items() %}
select
    dated.effective_date,
    dated.as_known_at,
    'sofr_quarter_end' as forecast_target,
    '{{ model }}' as forecast_model,
    dated.target_date,
    dated.horizon_days,
    round({{ middle }}, 4) as forecast_value,
    round({{ low }}, 4) as low_value,
    round({{ high }}, 4) as high_value,
    dated.spread_bp as persistence_value,
    distributions.previous_bp as previous_release_value,
    dated.basis_rank,
    {% if model == 'quarter_ends_of_like_reserves' -%}
    greatest(dated.known_from, dated.reserves_known_from)
    {%- else -%}
    dated.known_from
    {%- endif %} as known_from
from dated
left join distributions on dated.as_known_at = distributions.as_known_at
where {{ middle }} is not null and {{ condition }}
{{ 'union all' if not loop.last }}
{% endfor %}
