-- The six policy rates in force on every calendar day, and where each comes from. What was observed for the day
-- itself comes first; a dated fact takes over from the day on which it is effective, so a decision announced
-- yesterday shows today although no observation is published yet.
-- Both bounds of a day come from one source, so FRED's range counts only where FRED has both. Before 2017 FRED dates a
-- decision by its announcement, a day early (2015-12-16, 2016-12-14): there the dated fact alone speaks.
with ranges as (
    select
        observation_date,
        max(case when series_id = 'DFEDTARL' then value_canonical end) as target_floor_pct,
        max(case when series_id = 'DFEDTARU' then value_canonical end) as target_ceiling_pct
    from {{ ref('stg_fred__observations') }}
    where series_id in ('DFEDTARL', 'DFEDTARU') and observation_date >= date '2017-01-01'
    group by observation_date
    having target_floor_pct is not null and target_ceiling_pct is not null
),

observed_all as (
    {% for bound, series_id in {'target_floor': 'DFEDTARL', 'target_ceiling': 'DFEDTARU'}.items() %}
    select
        '{{ bound }}' as rate_name,
        observation_date as effective_date,
        {{ bound }}_pct as rate_pct,
        'fred {{ series_id }}' as rate_source,
        1 as source_rank
    from ranges

    union all

    {% endfor %}
    select
        case series_id
            when 'IORB' then 'iorb'
            when 'IOER' then 'iorb'  -- the rate on excess reserves, until 2021-07-28
            when 'RRPONTSYAWARD' then 'on_rrp_award'
        end as rate_name,
        observation_date as effective_date,
        value_canonical as rate_pct,
        'fred ' || series_id as rate_source,
        1 as source_rank
    from {{ ref('stg_fred__observations') }}
    where series_id in ('IORB', 'IOER', 'RRPONTSYAWARD')

    union all

    select
        'on_rrp_award' as rate_name,
        operation_date as effective_date,
        max(award_rate_pct) as rate_pct,
        'nyfed operations' as rate_source,
        2 as source_rank
    from {{ ref('int_repo_operations') }}
    where operation_type = 'Reverse Repo' and term = 'Overnight' and not is_exercise and award_rate_pct is not null
    group by operation_date

    union all

    select
        'srf_minimum_bid' as rate_name,
        operation_date as effective_date,
        max(minimum_bid_pct) as rate_pct,
        'nyfed operations' as rate_source,
        1 as source_rank
    from {{ ref('int_repo_operations') }}
    where is_standing_repo and not is_exercise and minimum_bid_pct is not null
    group by operation_date
),

observed as (
    select
        rate_name,
        effective_date,
        {{ first_by('rate_pct', 'source_rank') }} as rate_pct,
        {{ first_by('rate_source', 'source_rank') }} as rate_source
    from observed_all
    group by rate_name, effective_date
),

facts as (
    {{ policy_rate_facts() }}
),

days as (
    select calendar.calendar_date, names.rate_name
    from {{ ref('int_calendar') }} as calendar
    cross join (select distinct rate_name from observed union select distinct rate_name from facts) as names
),

facts_in_force as (
    select
        days.calendar_date,
        days.rate_name,
        {{ last_known('facts.effective_date', 'days.rate_name', 'days.calendar_date') }} as fact_date,
        {{ last_known('facts.rate_pct', 'days.rate_name', 'days.calendar_date') }} as fact_pct,
        {{ last_known('facts.is_verified', 'days.rate_name', 'days.calendar_date') }} as is_fact_verified,
        {{ last_known('observed.effective_date', 'days.rate_name', 'days.calendar_date') }} as observed_date,
        {{ last_known('observed.rate_pct', 'days.rate_name', 'days.calendar_date') }} as observed_pct,
        {{ last_known('observed.rate_source', 'days.rate_name', 'days.calendar_date') }} as observed_source
    from days
    left join facts on days.calendar_date = facts.effective_date and days.rate_name = facts.rate_name
    left join observed on days.calendar_date = observed.effective_date and days.rate_name = observed.rate_name
),

-- An observation is carried over weekends and holidays, at most 5 days (a Friday before a Monday holiday is 4), and
-- never past a newer fact.
chosen as (
    select
        calendar_date,
        rate_name,
        case
            when
                observed_date >= calendar_date - 5 and (fact_date is null or observed_date >= fact_date)
                then observed_pct
            else fact_pct
        end as rate_pct,
        case
            when
                observed_date >= calendar_date - 5 and (fact_date is null or observed_date >= fact_date)
                then observed_source
            when is_fact_verified then 'dated fact'
            when fact_pct is not null then 'dated fact, unverified'
        end as rate_source
    from facts_in_force
)

select
    calendar_date as effective_date,
    {% for name in ['target_floor', 'target_ceiling', 'on_rrp_award', 'iorb', 'srf_minimum_bid', 'primary_credit'] %}
    max(case when rate_name = '{{ name }}' then rate_pct end) as {{ name }}_pct,
    max(case when rate_name = '{{ name }}' then rate_source end) as {{ name }}_source{{ ',' if not loop.last }}
    {% endfor %}
from chosen
group by calendar_date
