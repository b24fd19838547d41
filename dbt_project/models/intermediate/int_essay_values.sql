-- Values that each measure of an essay rests on, one row a date, as known on the day of the essay (then) and now: the sum of
-- its inputs on dates on which all are known, over the sum of `divided_by` where it has one. Past states are read from spans
-- of time in the history, not from a build a day.
{#- Dated facts that are measured: series -> date, value, condition. -#}
{% set facts = {
    'policy.qt_milestones/treasury_cap': ('effective_date', 'treasury_cap_usd_bn_month', 'true'),
    'policy.qt_milestones/total_cap': ('effective_date', 'treasury_cap_usd_bn_month + mbs_cap_usd_bn_month', 'true'),
    'policy.qt_milestones/agency_cap': ('effective_date', 'mbs_cap_usd_bn_month', 'true'),
    'policy.qt_milestones/runoff_ends': ('effective_date', 1, "event like '%runoff ends'"),
    'policy.srf_policy/aggregate_limit': ('effective_date', 'aggregate_limit_usd_bn', 'true'),
    'policy.fomc_target_range/upper': ('effective_date', 'upper_pct', 'true'),
    'policy.rmp_schedule/reserve_management': ('period_start_date', 'reserve_management_usd_bn_month', 'true'),
    'policy.fed_lending_facilities/btfp_end': ('end_date', 1, "facility = 'btfp' and end_date is not null"),
} %}
with facts as (
    {% for series, (effective_date, value, condition) in facts.items() %}
    select '{{ series }}' as series, {{ effective_date }} as effective_date, {{ value }} as measured_value, known_date
    from {{ ref('stg_' ~ series.split('/')[0].replace('.', '__')) }}
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

versions as (
    select series, effective_date, measured_value, source_rank, known_from, known_to, known_basis
    from {{ ref('stg_meta__essay_versions') }}
    union all
    select series, effective_date, measured_value, 1, cast(known_date as timestamp), timestamp '9999-12-31', 'dated fact'
    from facts
    where measured_value is not null
),

moments as (
    {{ essay_moments() }}
),

windows as (
    select
        measures.claim_id,
        measures.measure_id,
        moments.moment,
        moments.known_at,
        measures.first_date,
        coalesce(measures.last_date, cast(moments.judged_at as date)) as last_date,
        measures.inputs,
        measures.divided_by,
        measures.factor
    from {{ ref('stg_policy__essay_measures') }} as measures
    inner join {{ ref('stg_policy__essay_claims') }} as claims on measures.claim_id = claims.claim_id
    inner join moments on claims.essay_id = moments.essay_id
),

terms as (
    select windows.*, 'above' as side, {{ words_of('inputs') }} as term
    from windows
    union all
    select windows.*, 'below' as side, {{ words_of('divided_by') }} as term
    from windows
    where divided_by is not null
),

found as (
    select
        terms.claim_id, terms.measure_id, terms.moment, terms.side, terms.term,
        versions.effective_date,
        versions.source_rank,
        round(sum(case when terms.term like '-%' then -versions.measured_value else versions.measured_value end), 9) as measured_value,
        {{ first_by('versions.known_basis', basis_rank('versions.known_basis')) }} as known_basis
    from terms
    inner join versions
        on
            versions.series = ltrim(terms.term, '-')
            and versions.effective_date between terms.first_date and terms.last_date
            and versions.known_from <= terms.known_at
            and versions.known_to > terms.known_at
    group by all
),

chosen as (
    select
        claim_id, measure_id, moment, side, term, effective_date,
        {{ first_by('measured_value', 'source_rank') }} as measured_value,
        {{ first_by('known_basis', 'source_rank') }} as known_basis
    from found
    group by all
),

summed as (
    select
        claim_id, measure_id, moment, effective_date,
        round(sum(measured_value) filter (where side = 'above'), 9) as above_value,
        round(sum(measured_value) filter (where side = 'below'), 9) as below_value,
        count(*) as terms_count,
        {{ first_by('known_basis', basis_rank('known_basis')) }} as known_basis
    from chosen
    group by all
)

select
    summed.claim_id,
    summed.measure_id,
    summed.moment,
    summed.effective_date,
    windows.factor * summed.above_value / coalesce(summed.below_value, 1) as measured_value,
    summed.above_value,
    summed.below_value,
    summed.known_basis
from summed
inner join windows
    on
        summed.claim_id = windows.claim_id
        and summed.measure_id = windows.measure_id
        and summed.moment = windows.moment
        -- A date on which one input is missing has no value.
        and summed.terms_count
        = {{ words_count('windows.inputs') }} + coalesce({{ words_count('windows.divided_by') }}, 0)
where coalesce(summed.below_value, 1) <> 0
