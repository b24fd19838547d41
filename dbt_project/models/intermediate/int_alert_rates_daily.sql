-- Each day of SOFR as it was first known, with the policy rates that one knew at that moment to be in force on the day.
-- What was observed counts before a dated fact of the same day; an observation is carried at most 5 days, as in
-- int_policy_rates_daily. What became known later, a revision too, changes nothing here.
with versions as (
    select * from {{ ref('stg_meta__alert_versions') }}
),

sofr as (
    select
        effective_date,
        min(known_from) as known_at,
        {{ first_by('value', 'known_from') }} as sofr_pct,
        {{ first_by('known_basis', 'known_from') }} as known_basis
    from versions
    where input = 'sofr'
    group by effective_date
),

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
    from versions
    where input in ('DFEDTARL', 'DFEDTARU', 'RRPONTSYAWARD', 'IORB', 'IOER')
),

candidates as (
    select
        sofr.effective_date,
        facts.rate_name,
        facts.rate_pct,
        (facts.effective_date - date '1970-01-01') * 2 as place,
        cast(null as varchar) as known_basis
    from sofr
    inner join facts
        on facts.effective_date <= sofr.effective_date and facts.known_date <= cast(sofr.known_at as date)
    union all
    select
        sofr.effective_date,
        observed.rate_name,
        observed.rate_pct,
        (observed.effective_date - date '1970-01-01') * 2 + 1 as place,
        observed.known_basis
    from sofr
    inner join observed
        on
            observed.effective_date between sofr.effective_date - 5 and sofr.effective_date
            and observed.known_from <= sofr.known_at
            and observed.known_to > sofr.known_at
),

in_force as (
    select
        effective_date,
        rate_name,
        {{ last_by('rate_pct', 'place') }} as rate_pct,
        max(place) as place
    from candidates
    group by effective_date, rate_name
),

named as (
    select
        in_force.effective_date,
        {% for name in ['target_floor', 'target_ceiling', 'on_rrp_award', 'iorb', 'srf_minimum_bid'] %}
        max(case when in_force.rate_name = '{{ name }}' then in_force.rate_pct end) as {{ name }}_pct,
        {% endfor %}
        min({{ basis_rank('candidates.known_basis') }}) filter (where candidates.known_basis is not null)
            as basis_rank
    from in_force
    inner join candidates
        on
            in_force.effective_date = candidates.effective_date
            and in_force.rate_name = candidates.rate_name
            and in_force.place = candidates.place
    group by in_force.effective_date
),

final as (
    select
        sofr.effective_date,
        sofr.known_at,
        sofr.sofr_pct,
        tail.value as sofr_percentile_99_pct,
        named.target_floor_pct,
        named.target_ceiling_pct,
        named.on_rrp_award_pct,
        named.iorb_pct,
        named.srf_minimum_bid_pct,
        least({{ basis_rank('sofr.known_basis') }}, coalesce(named.basis_rank, 4)) as basis_rank
    from sofr
    left join named on sofr.effective_date = named.effective_date
    left join versions as tail
        on
            tail.input = 'sofr_percentile_99'
            and sofr.effective_date = tail.effective_date
            and tail.known_from <= sofr.known_at
            and tail.known_to > sofr.known_at
)

select * from final
