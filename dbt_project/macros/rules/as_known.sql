{#- Values as they were known at each moment (17:00 New York of each day of int_known_moments, or those of another relation
    with effective_date and as_known_at), at most `most_days` before its day: effective_date, as_known_at, input,
    value_date, value, known_from, basis_rank. An equality on the date and a half-open interval: no more than one version
    of a value counts at a moment. -#}
{% macro values_as_known(inputs, most_days, moments=none) -%}
select
    days.effective_date,
    days.as_known_at,
    versions.input,
    versions.effective_date as value_date,
    versions.value,
    versions.known_from,
    {{ basis_rank('versions.known_basis') }} as basis_rank
from (
    select
        effective_date,
        as_known_at,
        {{ days_back_from('effective_date', most_days) }} as value_date
    from {{ moments or ref('int_known_moments') }}
) as days
inner join {{ ref('stg_meta__alert_versions') }} as versions on days.value_date = versions.effective_date
where
    versions.input in ('{{ inputs | join("', '") }}')
    and {{ is_known_at('versions', 'days.as_known_at') }}
{%- endmacro %}

{#- Whether a version is what one knew at a moment. -#}
{% macro is_known_at(alias, moment) -%}
    {{ alias }}.known_from <= {{ moment }} and {{ alias }}.known_to > {{ moment }}
{%- endmacro %}

{#- CTEs facts, observed, candidates, in_force, named: the policy rates `names` in force on each day of `days` (effective_date,
    known_at) as known at known_at. What was observed counts before a dated fact of the same day; an observation is
    carried at most 5 days, as in int_policy_rates_daily. -#}
{% macro policy_rates_as_known(days, names) -%}
facts as (
    {{ policy_rate_facts() }}
),

observed as (
    select
        case input
            when 'DFEDTARL' then 'target_floor'
            when 'DFEDTARU' then 'target_ceiling'
            when 'RRPONTSYAWARD' then 'on_rrp_award'
            else 'iorb'  -- IOER until 2021-07-28
        end as rate_name,
        effective_date,
        value as rate_pct,
        known_from,
        known_to,
        known_basis
    from {{ ref('stg_meta__alert_versions') }}
    where input in ('DFEDTARL', 'DFEDTARU', 'RRPONTSYAWARD', 'IORB', 'IOER')
),

candidates as (
    select
        days.effective_date,
        days.known_at,
        facts.rate_name,
        facts.rate_pct,
        (facts.effective_date - date '1970-01-01') * 2 as place,
        cast(null as varchar) as known_basis,
        cast(null as timestamp) as known_from
    from {{ days }} as days
    inner join facts
        on facts.effective_date <= days.effective_date and facts.known_date <= cast(days.known_at as date)
    union all
    select
        days.effective_date,
        days.known_at,
        observed.rate_name,
        observed.rate_pct,
        (observed.effective_date - date '1970-01-01') * 2 + 1 as place,
        observed.known_basis,
        observed.known_from
    from (
        select
            effective_date,
            known_at,
            {{ days_back_from('effective_date', 5) }} as observed_date
        from {{ days }}
    ) as days
    inner join observed on days.observed_date = observed.effective_date and {{ is_known_at('observed', 'days.known_at') }}
),

in_force as (
    select
        effective_date,
        known_at,
        rate_name,
        {{ last_by('rate_pct', 'place') }} as rate_pct,
        {{ last_by('coalesce(known_basis, \'\')', 'place') }} as known_basis,
        {{ last_by('coalesce(known_from, timestamp \'1900-01-01\')', 'place') }} as known_from
    from candidates
    where rate_name in ('{{ names | join("', '") }}')
    group by effective_date, known_at, rate_name
),

named as (
    select
        effective_date,
        known_at,
        {% for name in names %}
        max(case when rate_name = '{{ name }}' then rate_pct end) as {{ name }}_pct,
        {% endfor %}
        min({{ basis_rank('known_basis') }}) filter (where known_basis <> '') as basis_rank,
        max(known_from) filter (where known_basis <> '') as known_from
    from in_force
    group by effective_date, known_at
)
{%- endmacro %}

{#- The word of the least sure knowledge: the inverse of basis_rank. -#}
{% macro knowledge_basis(rank) -%}
    case {{ rank }} when 1 then 'modelled' when 2 then 'stamped' when 3 then 'vintage' else 'observed' end
{%- endmacro %}
