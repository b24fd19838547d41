-- funding_stress_daily, the event study and the claims read these two rules by name: with another measure or sign they
-- would mean something else, and without one of them no day would be tight.
with expected as (
    select 'sofr_near_ceiling' as rule_name, 'sofr_minus_ceiling_bp' as measure
    union all
    select 'srf_take_up', 'srf_accepted_usd_bn'
)

select
    expected.rule_name,
    rules.measure,
    rules.comparison,
    rules.threshold
from expected
left join {{ ref('stg_policy__regime_thresholds') }} as rules on expected.rule_name = rules.rule_name
where
    rules.threshold is null
    or rules.comparison <> '>='
    or rules.measure <> expected.measure
