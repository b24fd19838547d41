{{ config(severity='warn') }}
-- Between two steps of runoff the Fed's Treasuries fall by no more a month than the cap, and by more than half of it: a
-- step that is missing, or dated or sized wrongly, comes up. Whole steps only; inflation compensation blurs a month by a
-- billion or two (six in the sample, whose levels are drawn between ends of months). Advisory: holdings may mature below
-- the cap.
with holdings as (
    select
        wednesday_date,
        treasuries_usd_bn
    from {{ ref('int_fred_h41_weekly') }}
    where treasuries_usd_bn is not null
),

steps as (
    select
        effective_date,
        treasury_cap_usd_bn_month,
        lead(effective_date) over (order by effective_date) as next_effective_date
    from {{ ref('stg_policy__qt_milestones') }}
),

falls as (
    select
        steps.effective_date,
        steps.treasury_cap_usd_bn_month,
        {{ first_by('holdings.treasuries_usd_bn', 'holdings.wednesday_date') }}
        - {{ last_by('holdings.treasuries_usd_bn', 'holdings.wednesday_date') }} as fallen_usd_bn,
        (max(holdings.wednesday_date) - min(holdings.wednesday_date)) / 30.4 as months
    from steps
    inner join holdings on holdings.wednesday_date between steps.effective_date and steps.next_effective_date
    where steps.treasury_cap_usd_bn_month > 0
    group by steps.effective_date, steps.next_effective_date, steps.treasury_cap_usd_bn_month
    -- A Wednesday in the first and in the last week of the step.
    having
        min(holdings.wednesday_date) < steps.effective_date + 7
        and max(holdings.wednesday_date) > steps.next_effective_date - 7
)

select
    effective_date,
    treasury_cap_usd_bn_month,
    fallen_usd_bn / months as fallen_usd_bn_month
from falls
where
    fallen_usd_bn / months not between 0.5 * treasury_cap_usd_bn_month
    and treasury_cap_usd_bn_month + {{ 6 if var('is_simulated') else 2 }}
