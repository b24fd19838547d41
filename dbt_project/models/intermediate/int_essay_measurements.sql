-- One value for each measure of an essay, then and now: its statistic over the values of its window. A window of which more
-- than `slack_days` are missing at an end has no value; one that is not over has its value so far.
with moments as (
    {{ essay_moments() }}
),

measures as (
    select
        measures.*,
        moments.moment,
        moments.judged_at,
        coalesce(measures.last_date, cast(moments.judged_at as date)) as window_end_date
    from {{ ref('stg_policy__essay_measures') }} as measures
    inner join {{ ref('stg_policy__essay_claims') }} as claims on measures.claim_id = claims.claim_id
    inner join moments on claims.essay_id = moments.essay_id
),

dated as (
    select
        *,
        effective_date - lag(effective_date) over (
            partition by claim_id, measure_id, moment order by effective_date
        ) as gap_days
    from {{ ref('int_essay_values') }}
),

aggregates as (
    select
        measures.claim_id,
        measures.measure_id,
        measures.moment,
        min(dated.effective_date) as first_date,
        max(dated.effective_date) as last_date,
        {{ first_by('dated.known_basis', basis_rank('dated.known_basis')) }} as knowledge_basis,
        {{ first_by('dated.measured_value', 'dated.effective_date') }} as first_value,
        {{ last_by('dated.measured_value', 'dated.effective_date') }} as last_value,
        min(dated.measured_value) as lowest_value,
        max(dated.measured_value) as highest_value,
        avg(dated.measured_value) as mean_value,
        {{ quantile('dated.measured_value', 0.5) }} as median_value,
        sum(dated.measured_value) as total_value,
        count(*) as days_count,
        count(*) filter (
            where dated.measured_value between coalesce(measures.level_low_value, cast('-infinity' as double))
            and coalesce(measures.level_high_value, cast('infinity' as double))
        ) as inside_count,
        min(dated.effective_date) filter (
            where dated.measured_value between coalesce(measures.level_low_value, cast('-infinity' as double))
            and coalesce(measures.level_high_value, cast('infinity' as double))
        ) as first_inside_date,
        min(dated.effective_date) filter (where dated.measured_value <= measures.level_low_value) as first_low_date,
        min(dated.effective_date) filter (where dated.measured_value >= measures.level_high_value) as first_high_date,
        {{ first_by('dated.effective_date', 'dated.measured_value') }} as lowest_date,
        {{ last_by('dated.effective_date', 'dated.measured_value') }} as highest_date,
        max(dated.gap_days) as longest_gap_days,
        {{ change('dated.above_value', 'dated.effective_date') }} as above_change,
        {{ change('dated.below_value', 'dated.effective_date') }} as below_change,
        corr(dated.above_value, dated.below_value) as correlation
    from measures
    inner join dated
        on
            measures.claim_id = dated.claim_id
            and measures.measure_id = dated.measure_id
            and measures.moment = dated.moment
    group by all
),

final as (
    select
        measures.claim_id,
        measures.measure_id,
        measures.moment,
        measures.judged_at,
        aggregates.first_date,
        aggregates.last_date,
        aggregates.knowledge_basis,
        aggregates.first_date <= measures.first_date + measures.slack_days
        and aggregates.last_date
        >= least(measures.window_end_date, cast(measures.judged_at as date)) - measures.slack_days as is_whole,
        case measures.statistic
            when 'last' then last_value
            when 'change' then last_value - first_value
            when 'change_pct' then 100 * (last_value / first_value - 1)
            -- A month is a twelfth of 365.2425 days.
            when 'monthly_change' then (last_value - first_value) / ((aggregates.last_date - aggregates.first_date) / 30.436875)
            when 'minimum' then lowest_value
            when 'maximum' then highest_value
            when 'mean' then mean_value
            when 'median' then median_value
            when 'total' then total_value
            when 'lowest_against_first_pct' then 100 * (lowest_value / first_value - 1)
            when 'lowest_against_highest_pct' then 100 * (lowest_value / highest_value - 1)
            when 'highest_over_lowest' then highest_value / lowest_value
            when 'last_less_highest' then last_value - highest_value
            when 'highest_less_last' then highest_value - last_value
            when 'highest_less_lowest' then highest_value - lowest_value
            when 'lowest_less_first' then lowest_value - first_value
            when 'share_inside_pct' then 100.0 * inside_count / days_count
            when 'days_inside' then inside_count
            -- Never within the window counts as the day after its end.
            when 'days_to_inside' then coalesce(first_inside_date, measures.window_end_date + 1) - measures.first_date
            when 'days_low_after_high'
                then
                    case
                        when coalesce(first_low_date, first_high_date) is not null
                            then coalesce(first_low_date, measures.window_end_date + 1) - coalesce(first_high_date, measures.window_end_date + 1)
                    end
            when 'days_to_lowest' then lowest_date - measures.first_date
            when 'days_to_highest' then highest_date - measures.first_date
            when 'longest_gap_days' then longest_gap_days
            when 'change_over_change' then measures.factor * above_change / nullif(below_change, 0)
            when 'correlation' then correlation
            {% for statistic in ['lowest', 'highest', 'last'] %}
            when '{{ statistic }}_outside_pct' then {{ outside_pct(statistic ~ '_value', 'measures.level_low_value', 'measures.level_high_value') }}
            {% endfor %}
        end as statistic_value
    from measures
    left join aggregates
        on
            measures.claim_id = aggregates.claim_id
            and measures.measure_id = aggregates.measure_id
            and measures.moment = aggregates.moment
)

select
    claim_id,
    measure_id,
    moment,
    judged_at,
    case when is_whole then round(cast(statistic_value as double), 6) end as measured_value,
    case when is_whole then first_date end as first_date,
    case when is_whole then last_date end as last_date,
    case when is_whole then knowledge_basis end as knowledge_basis
from final
