-- Claims of essays and posts before and after "Hallelujah" against the data, as known on the day of each and as known now.
-- Values come from int_essay_measurements, ranges from the seed; a verdict is one against the other.
with measures as (
    select
        *,
        measure_role = 'deciding' as is_deciding
    from {{ ref('stg_policy__essay_measures') }}
),

claims as (
    select
        claims.*,
        essays.essay_title,
        essays.essay_date,
        essays.is_essay,
        essays.essay_source,
        -- A week's statistics are out ten days after it; a fact is judged on the day of its essay.
        coalesce(claims.due_date + 10, essays.essay_date) as judged_from_date
    from {{ ref('stg_policy__essay_claims') }} as claims
    inner join {{ ref('stg_policy__essays') }} as essays on claims.essay_id = essays.essay_id
),

found as (
    {% for moment in ['then', 'now'] %}
    select
        claim_id,
        measure_id,
        '{{ moment }}' as moment,
        measured_value,
        first_date,
        last_date,
        knowledge_basis,
        judged_at
    from {{ ref('int_essay_measurements') }}
    where moment = '{{ moment }}'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

judged as (
    select
        claims.essay_id,
        claims.essay_title,
        claims.essay_date,
        claims.is_essay,
        claims.claim_id,
        coalesce(measures.measure_id, 'none') as measure_id,
        measures.measure_number,
        measures.measure_role,
        claims.kind,
        claims.aspect,
        claims.claim,
        claims.claimed_text,
        claims.due_date,
        claims.judged_from_date,
        claims.decided_by,
        claims.source_kind,
        claims.is_second_hand,
        claims.sureness,
        claims.essay_source,
        measures.label,
        coalesce(measures.definition, claims.why_not_measured) as definition,
        measures.statistic,
        concat_ws(' over ', measures.inputs, measures.divided_by) as inputs,
        measures.unit,
        measures.claimed_value,
        measures.supported_low_value,
        measures.supported_high_value,
        measures.tolerance_reason,
        coalesce(measures.is_deciding, true) as is_deciding,
        {% for moment in ['then', 'now'] %}
        measured_{{ moment }}.measured_value as {{ moment }}_value,
        measured_{{ moment }}.first_date as {{ moment }}_first_date,
        measured_{{ moment }}.last_date as {{ moment }}_last_date,
        measured_{{ moment }}.knowledge_basis as {{ moment }}_basis,
        {{ essay_verdict('measured_' ~ moment ~ '.measured_value', 'measured_' ~ moment ~ '.judged_at') }} as {{ moment }}_verdict
        {{- ',' if not loop.last }}
        {% endfor %}
    from claims
    left join measures on claims.claim_id = measures.claim_id
    {% for moment in ['then', 'now'] %}
    left join found as measured_{{ moment }}
        on
            measures.claim_id = measured_{{ moment }}.claim_id
            and measures.measure_id = measured_{{ moment }}.measure_id
            and measured_{{ moment }}.moment = '{{ moment }}'
    {% endfor %}
),

weighed as (
    select
        judged.*,
        {% for moment in ['then', 'now'] %}
        case
            -- A conditional claim says nothing where its condition did not come.
            when
                bool_or(measure_role = 'premise' and {{ moment }}_verdict in ('contradicted', 'source unsure'))
                over (partition by claim_id)
                then 'premise not met'
            when bool_or(is_deciding and {{ moment }}_verdict = 'source unsure') over (partition by claim_id) then 'source unsure'
            else {{ verdict_over(moment ~ '_verdict') }}
        end as claim_{{ moment }}_verdict{{ ',' if not loop.last }}
        {% endfor %}
    from judged
)

select
    essay_id,
    essay_title,
    essay_date,
    is_essay,
    claim_id,
    measure_id,
    measure_number,
    measure_role,
    kind,
    aspect,
    claim,
    claimed_text,
    due_date,
    judged_from_date,
    decided_by,
    source_kind,
    is_second_hand,
    sureness,
    label,
    definition,
    statistic,
    inputs,
    unit,
    claimed_value,
    supported_low_value,
    supported_high_value,
    tolerance_reason,
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
        when measure_id = 'none' then 'Not measured: ' || definition || '.'
        else
            definition || ': '
            || coalesce(
                {{ in_words('now_value', 'unit') }}
                || case
                    when now_first_date = now_last_date then ' (' || now_first_date || ')'
                    else ' (' || now_first_date || ' to ' || now_last_date || ')'
                end,
                'no value is held for this window'
            )
            || case
                when then_value is null or kind = 'prediction' then ''
                when then_value = now_value then ', the same as known on the day of the text'
                else ', ' || {{ in_words('then_value', 'unit') }} || ' as known on the day of the text'
            end
            || case measure_role
                when 'premise' then '. The condition of the claim needs '
                when 'shown' then '. It does not decide; the claim would need '
                else '. The claim needs '
            end
            || {{ range_in_words('supported_low_value', 'supported_high_value', 'unit') }} || ': ' || now_verdict
            || case when now_verdict = 'too early' then ', to be judged from ' || judged_from_date || ' on' else '' end
            || case when is_second_hand then '. The text is known from a second-hand copy' else '' end || '.'
    end as sentence,
    essay_source
from weighed
order by essay_date, claim_id, measure_number
