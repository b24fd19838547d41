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
        measures.measure_number,
        measures.label,
        claims.link,
        claims.claim,
        coalesce(measures.definition, claims.note) as definition,
        claims.kind,
        measures.unit,
        claims.claimed_text,
        claims.decided_by,
        measures.claimed_value,
        measures.supported_low_value,
        measures.supported_high_value,
        measures.tolerance_reason,
        measures.is_deciding,
        measures.caveat_for,
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
        {{ verdict_over('now_verdict') }} as claim_now_verdict,
        {{ range_in_words('supported_low_value', 'supported_high_value', 'unit') }} as needed
    from judged
),

-- A measure that tests whether the figure of another one can be trusted, where the answer is no.
caveats as (
    select
        claim_id,
        caveat_for as measure_id,
        {% for moment in ['then', 'now'] %}
        case
            when {{ moment }}_verdict = 'contradicted'
                then lower(substr(definition, 1, 1)) || substr(definition, 2) || ': ' || {{ in_words(moment ~ '_value', 'unit') }}
        end as {{ moment }}_caveat{{ ',' if not loop.last }}
        {% endfor %}
    from weighed
    where caveat_for is not null
),

told as (
    select
        weighed.*,
        coalesce(caveats.now_caveat, caveats.then_caveat) as caveat,
        coalesce(is_deciding, true) as is_leading,
        label || coalesce(' (' || {{ in_words('now_value', 'unit') }} || ')', '') as label_and_value,
        case
            when now_verdict = 'rhetoric' then 'A figure of speech: there is nothing to measure.'
            when weighed.measure_id = 'none' then 'No source held here measures it: ' || definition || '.'
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
                || coalesce(', with a caveat: ' || caveats.now_caveat, '')
                || case
                    when then_verdict = 'too early' then '; too early to judge when the essay appeared'
                    when then_value is null then '; not known when the essay appeared'
                    when then_value = now_value then '; the same as known when the essay appeared'
                    else
                        '; ' || {{ in_words('then_value', 'unit') }} || ' as known when the essay appeared'
                        || case when then_verdict <> now_verdict then ' (' || then_verdict || ')' else '' end
                        || coalesce(', with a caveat: ' || caveats.then_caveat, '')
                end
                || case when is_deciding then '. The claim needs ' else '. It does not decide; the claim would need ' end
                || needed || ': ' || now_verdict || '.'
        end as sentence
    from weighed
    left join caveats on weighed.claim_id = caveats.claim_id and weighed.measure_id = caveats.measure_id
),

-- Deciding measures of a claim by their verdict, in the order of the seed.
sides as (
    select
        claim_id,
        max(decided_by) as decided_by,
        max(claim_then_verdict) as claim_then_verdict,
        max(claim_now_verdict) as claim_now_verdict,
        count(*) as deciding_count,
        max(sentence) as only_sentence,
        max(caveat) as caveat,
        case when count(distinct needed) = 1 then max(needed) end as needed,
        {{ list_in_order('label_and_value', 'measure_number', "now_verdict = 'supported'") }} as for_it,
        {{ list_in_order('label_and_value', 'measure_number', "now_verdict = 'contradicted'") }} as against_it,
        {{ list_in_order("label || ' (from ' || judged_from_date || ')'", 'measure_number', "now_verdict = 'too early'") }}
            as not_yet,
        {{ list_in_order('label', 'measure_number', "now_verdict = 'not testable with these sources'") }}
            as not_held
    from told
    where is_leading
    group by claim_id
),

claims_told as (
    select
        sides.*,
        concat_ws(
            '; ',
            {{ listed('for_it') }} || case when {{ items_in('for_it') }} = 1 then ' supports' else ' support' end || ' the claim'
            || case when decided_by = 'any' then ', and one definition that matches is enough' else '' end,
            {{ listed('against_it') }}
            || case
                when decided_by = 'any' and for_it is not null
                    then case when {{ items_in('against_it') }} = 1 then ' does not match' else ' do not match' end
                else
                    case when {{ items_in('against_it') }} = 1 then ' contradicts ' else ' contradict ' end
                    || case when for_it is null then 'the claim' else 'it' end
            end,
            'it is too early for ' || {{ listed('not_yet') }},
            'no source held here gives ' || {{ listed('not_held') }}
        )
        || coalesce('. The claim needs ' || needed, '')
        || case
            when claim_then_verdict = claim_now_verdict then ''
            when claim_then_verdict = 'too early' then '. When the essay appeared it was too early to judge'
            else '. As known when the essay appeared, the verdict was ' || claim_then_verdict
        end
        || coalesce('. A caveat: ' || caveat, '')
        || '.' as several
    from sides
)

select
    told.claim_id,
    told.measure_id,
    told.measure_number,
    told.label,
    told.link,
    told.claim,
    told.definition,
    told.kind,
    told.unit,
    told.claimed_text,
    told.claimed_value,
    told.supported_low_value,
    told.supported_high_value,
    told.tolerance_reason,
    told.decided_by,
    told.is_deciding,
    told.judged_from_date,
    told.then_value,
    told.then_first_date,
    told.then_last_date,
    told.then_basis,
    told.then_verdict,
    told.now_value,
    told.now_first_date,
    told.now_last_date,
    told.now_basis,
    told.now_verdict,
    told.claim_then_verdict,
    told.claim_now_verdict,
    case
        when claims_told.deciding_count = 1 then claims_told.only_sentence
        else upper(substr(claims_told.several, 1, 1)) || substr(claims_told.several, 2)
    end as claim_sentence,
    told.sentence,
    told.sources,
    {{ then_at() }} as published_at
from told
inner join claims_told on told.claim_id = claims_told.claim_id
order by told.claim_id, told.measure_number
