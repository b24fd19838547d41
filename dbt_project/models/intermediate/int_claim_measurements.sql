-- Every measure of the scorecard at the as-of time, with the least sure knowledge basis of the rows in its window. A measure
-- that nothing here measures has a row too, without a value.
with measurements as (
    select claim_id, measure_id, measured_value, first_date, last_date from {{ ref('int_claims_financing') }}
    union all
    select claim_id, measure_id, measured_value, first_date, last_date from {{ ref('int_claims_funding') }}
    union all
    select claim_id, measure_id, measured_value, first_date, last_date from {{ ref('int_claims_money') }}
),

inputs as (
    select
        claim_id,
        measure_id,
        {{ words_of('inputs') }} as series_input
    from {{ ref('stg_policy__claim_measures') }}
    where inputs is not null
),

bases as (
    select
        inputs.claim_id,
        inputs.measure_id,
        {{ first_by('known.known_basis', basis_rank('known.known_basis')) }} as knowledge_basis
    from inputs
    inner join measurements
        on inputs.claim_id = measurements.claim_id and inputs.measure_id = measurements.measure_id
    inner join {{ ref('int_known_bases') }} as known
        on
            known.effective_date between measurements.first_date and measurements.last_date
            and inputs.series_input in (known.dataset, known.series_input)
    group by inputs.claim_id, inputs.measure_id
),

-- "Now" is the last load: no model reads the clock, and nothing can be known after it.
moments as (
    select least(timestamp '{{ var("as_of") }}', max(last_polled_at)) as judged_at
    from {{ ref('stg_meta__polls') }}
)

select
    measures.claim_id,
    measures.measure_id,
    measurements.measured_value,
    measurements.first_date,
    measurements.last_date,
    case
        when measurements.measured_value is null then null
        -- No row of its inputs in the window: a dated fact replaces them, as for policy rates.
        else coalesce(bases.knowledge_basis, 'dated fact')
    end as knowledge_basis,
    moments.judged_at
from {{ ref('stg_policy__claim_measures') }} as measures
left join measurements
    on measures.claim_id = measurements.claim_id and measures.measure_id = measurements.measure_id
left join bases on measures.claim_id = bases.claim_id and measures.measure_id = bases.measure_id
cross join moments
