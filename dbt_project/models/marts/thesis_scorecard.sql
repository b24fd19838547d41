-- Every claim against the data, as known when the essay appeared and as known now. Nothing here is typed in: values come
-- from int_claim_measurements at two moments, ranges from the seed, and the verdict is one against the other.
with now_measured as (
    select claim_id, measure_id, measured_value, first_date, last_date, knowledge_basis, judged_at
    from {{ ref('int_claim_measurements') }}
),

then_measured as (
    select claim_id, measure_id, measured_value, first_date, last_date, knowledge_basis, judged_at
    from {{ ref('stg_meta__claim_measurements') }}
    union all
    select claim_id, measure_id, measured_value, first_date, last_date, knowledge_basis, judged_at
    from now_measured
    where timestamp '{{ var("as_of") }}' <= timestamp '{{ var("published_at") }}'
),

judged as (
    select
        claims.claim_id,
        coalesce(measures.measure_id, 'none') as measure_id,
        claims.link,
        claims.claim,
        coalesce(measures.definition, claims.note) as definition,
        claims.kind,
        measures.unit,
        claims.claimed_text,
        measures.claimed_value,
        measures.supported_low_value,
        measures.supported_high_value,
        measures.tolerance_reason,
        measures.is_deciding,
        measures.judged_from_date,
        measures.data_sources as sources,
        then_measured.measured_value as then_value,
        then_measured.first_date as then_first_date,
        then_measured.last_date as then_last_date,
        then_measured.knowledge_basis as then_basis,
        {{ verdict_on('then_measured.measured_value', 'then_measured.judged_at') }} as then_verdict,
        now_measured.measured_value as now_value,
        now_measured.first_date as now_first_date,
        now_measured.last_date as now_last_date,
        now_measured.knowledge_basis as now_basis,
        {{ verdict_on('now_measured.measured_value', 'now_measured.judged_at') }} as now_verdict
    from {{ ref('stg_policy__claims') }} as claims
    left join {{ ref('stg_policy__claim_measures') }} as measures on claims.claim_id = measures.claim_id
    left join now_measured
        on measures.claim_id = now_measured.claim_id and measures.measure_id = now_measured.measure_id
    left join then_measured
        on measures.claim_id = then_measured.claim_id and measures.measure_id = then_measured.measure_id
),

weighed as (
    select
        judged.*,
        {{ verdict_over('then_verdict') }} as claim_then_verdict,
        {{ verdict_over('now_verdict') }} as claim_now_verdict
    from judged
)

select
    claim_id,
    measure_id,
    link,
    claim,
    definition,
    kind,
    unit,
    claimed_text,
    claimed_value,
    supported_low_value,
    supported_high_value,
    tolerance_reason,
    is_deciding,
    judged_from_date,
    then_value,
    then_first_date,
    then_last_date,
    then_basis,
    then_verdict,
    now_value,
    now_first_date,
    now_last_date,
    now_basis,
    now_verdict,
    claim_then_verdict,
    claim_now_verdict,
    case
        when now_verdict = 'rhetoric' then 'A figure of speech: there is nothing to measure.'
        when measure_id = 'none' then 'No source held here measures it: ' || definition || '.'
        when now_verdict = 'not testable with these sources'
            then definition || ': no source held here gives it for this window.'
        when now_verdict = 'too early'
            then
                definition || ': to be judged from ' || judged_from_date || ' on'
                || coalesce('; so far ' || {{ in_words('now_value', 'unit') }}, '') || '.'
        else
            definition || ': ' || {{ in_words('now_value', 'unit') }}
            || case
                when now_first_date = now_last_date then ' (' || now_first_date || ')'
                else ' (' || now_first_date || ' to ' || now_last_date || ')'
            end
            || case
                when then_verdict = 'too early' then '; not to be judged yet when the essay appeared'
                when then_value is null then '; not known when the essay appeared'
                when then_value = now_value then '; the same as known when the essay appeared'
                else
                    '; ' || {{ in_words('then_value', 'unit') }} || ' as known when the essay appeared'
                    || case when then_verdict <> now_verdict then ' (' || then_verdict || ')' else '' end
            end
            || '. Support is '
            || {{ range_in_words('supported_low_value', 'supported_high_value', 'unit') }}
            || ': ' || now_verdict || '.'
    end as sentence,
    sources,
    {{ then_at() }} as published_at
from weighed
order by claim_id, measure_id
