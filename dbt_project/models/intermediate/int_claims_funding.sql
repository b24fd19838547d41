-- Measurements of the claims about repo, the corridor and the standing repo facility (R01 to R13, R16 to R22, P01, P02,
-- B07). The windows are those of the claims; definitions and ranges are in the seed claim_measures.
{% set published = var('published_at')[:10] %}
{% set money_funds = ref('money_fund_allocation_monthly') %}
with corridor as (
    select
        effective_date,
        target_ceiling_pct,
        target_floor_pct,
        {{ spread_bp('on_rrp_award_pct', 'target_floor_pct') }} as award_less_floor_bp,
        {{ spread_bp('iorb_pct', 'target_floor_pct') }} as iorb_less_floor_bp,
        {{ spread_bp('srf_minimum_bid_pct', 'target_ceiling_pct') }} as srf_less_ceiling_bp,
        is_corridor_whole,
        sofr_minus_on_rrp_award_bp
    from {{ ref('policy_corridor_daily') }}
),

stress as (
    select * from {{ ref('funding_stress_daily') }}
),

take_up_rule as (
    select threshold as take_up_usd_bn
    from {{ ref('stg_policy__regime_thresholds') }}
    where rule_name = 'srf_take_up'
),

operations as (
    select
        operation_date,
        accepted_usd_bn,
        -- A missing limit may also be one that was not recorded; the method has a note.
        operation_method = 'Full Allotment' and operation_limit_usd_bn is null as is_unlimited
    from {{ ref('srf_operations') }}
    where not is_exercise
),

newest_operations as (
    select
        operation_date,
        is_unlimited
    from operations
    where operation_date > (select max(operation_date) - 30 from operations)
),

days_of_operations as (
    select
        operations.operation_date,
        sum(operations.accepted_usd_bn) as accepted_usd_bn,
        sum(operations.accepted_usd_bn) >= max(take_up_rule.take_up_usd_bn) as is_take_up
    from operations
    cross join take_up_rule
    group by operations.operation_date
),

facility_start as (
    select effective_date
    from {{ ref('stg_policy__srf_policy') }}
    where regime = 'single_operation'
),

excess_reserves_rate as (
    select observation_date
    from {{ ref('stg_fred__observations') }}
    where series_id = 'IOER'
),

-- From the operations themselves: ON RRP is older than SOFR.
on_rrp as (
    select *
    from {{ ref('int_operations_daily') }}
    where on_rrp_usd_bn is not null
),

-- The facility filled and emptied from 2021 to 2023. A history without these years has another record, not that of
-- the facility.
on_rrp_record as (
    select max(on_rrp_usd_bn) as record_usd_bn
    from on_rrp
    having count(*) filter (where effective_date between date '2021-03-01' and date '2023-12-31') >= 700
),

bills as (
    select
        bills.observation_date,
        {{ spread_bp('bills.value_canonical', 'corridor.on_rrp_award_pct') }} as discount_less_award_bp,
        -- A four-week bill runs 28 days.
        {{ spread_bp(money_market_yield_pct('bills.value_canonical', 28), 'corridor.on_rrp_award_pct') }}
            as money_market_less_award_bp,
        {{ spread_bp(bond_equivalent_yield_pct('bills.value_canonical', 28), 'corridor.on_rrp_award_pct') }}
            as bond_equivalent_less_award_bp
    from {{ ref('stg_fred__observations') }} as bills
    inner join {{ ref('policy_corridor_daily') }} as corridor on bills.observation_date = corridor.effective_date
    where bills.series_id = 'DTB4WK' and bills.value_canonical is not null and corridor.on_rrp_award_pct is not null
),

-- The level of a Wednesday with the mean spread of the seven days to it.
reserve_weeks as (
    select
        sheets.wednesday_date,
        max(sheets.reserves_usd_bn) as reserves_usd_bn,
        avg(stress.sofr_minus_iorb_bp) as sofr_minus_iorb_bp
    from {{ ref('fed_balance_sheet_weekly') }} as sheets
    inner join stress on stress.effective_date between sheets.wednesday_date - 6 and sheets.wednesday_date
    where sheets.reserves_usd_bn is not null and stress.sofr_minus_iorb_bp is not null
    group by sheets.wednesday_date
),

-- The same with reserves as an average of the same days.
reserve_averages as (
    select
        observations.observation_date as wednesday_date,
        max(observations.value_canonical) as reserves_usd_bn,
        avg(stress.sofr_minus_iorb_bp) as sofr_minus_iorb_bp
    from {{ ref('stg_fred__observations') }} as observations
    inner join stress on stress.effective_date between observations.observation_date - 6 and observations.observation_date
    where observations.series_id = 'WRESBAL' and stress.sofr_minus_iorb_bp is not null
    group by observations.observation_date
),

volumes as (
    select
        date_trunc('quarter', effective_date) as quarter_start,
        avg(sofr_volume_usd_bn) as volume_usd_bn
    from {{ ref('repo_market_daily') }}
    group by 1
),

-- Quarters are dated by their first day and hold the debt at their end.
debts as (
    select
        observation_date as quarter_start,
        value_canonical as debt_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id = 'GFDEBTN'
),

quarters as (
    select
        debts.quarter_start,
        debts.debt_usd_bn,
        volumes.volume_usd_bn,
        debts.debt_usd_bn - debts_before.debt_usd_bn as debt_change_usd_bn,
        volumes.volume_usd_bn - volumes_before.volume_usd_bn as volume_change_usd_bn
    from debts
    inner join volumes on debts.quarter_start = volumes.quarter_start
    left join debts as debts_before on debts.quarter_start - interval 3 month = debts_before.quarter_start
    left join volumes as volumes_before on debts.quarter_start - interval 3 month = volumes_before.quarter_start
),

sheets as (
    select * from {{ ref('fed_balance_sheet_weekly') }}
),

-- What was lent on a Wednesday, against all repo of the Fed on that evening's balance sheet.
repo_wednesdays as (
    select
        sheets.wednesday_date,
        sheets.repo_usd_bn,
        stress.srf_accepted_usd_bn
    from sheets
    inner join stress on sheets.wednesday_date = stress.effective_date
    where stress.srf_accepted_usd_bn > 0 and sheets.repo_usd_bn is not null
),

-- Whole quarters only: one is whole when a later one has begun.
use_by_quarter as (
    select
        cast(date_trunc('quarter', effective_date) as date) as quarter_start,
        row_number() over (order by date_trunc('quarter', effective_date)) as quarter_number,
        avg(srf_accepted_usd_bn) as mean_use_usd_bn
    from stress
    where
        srf_accepted_usd_bn is not null and effective_date >= date '2025-10-01'
        and effective_date < (select date_trunc('quarter', max(effective_date)) from stress)
    group by 1, date_trunc('quarter', effective_date)
)

{{ measured('R01', 'ceiling', 'max(target_ceiling_pct)', 'corridor', 'effective_date', published, published) }}
{{ also('R01', 'floor', 'max(target_floor_pct)', 'corridor', 'effective_date', published, published) }}
{{ also('R02', 'award_less_floor', 'max(award_less_floor_bp)', 'corridor', 'effective_date', published, published) }}
{{ also('R03', 'iorb_less_floor', 'max(iorb_less_floor_bp)', 'corridor', 'effective_date', published, published) }}
{{ also('R04', 'srf_less_ceiling', 'max(srf_less_ceiling_bp)', 'corridor', 'effective_date', published, published) }}
{% for measure_id, first in {'publication_day': published, 'each_day': '2021-07-29'}.items() %}
{{ also('R05', measure_id, '100 * avg(cast(is_corridor_whole as integer))', 'corridor', 'effective_date', first,
    published, 'is_corridor_whole is not null') }}
{% endfor %}
{{ also('R06', 'since_2021', '100 * avg(cast(sofr_minus_ceiling_bp <= 0 as integer))', 'stress', 'effective_date',
    '2021-05-01', '2026-08-31', 'sofr_minus_ceiling_bp is not null', 310) }}
{{ also('R06', 'last_quarter', '100 * avg(cast(sofr_minus_ceiling_bp <= 0 as integer))', 'stress', 'effective_date',
    '2025-09-05', published, 'sofr_minus_ceiling_bp is not null') }}
{% for measure_id, rate_type in {'stated_range': 'SOFR', 'stated_range_effr': 'EFFR'}.items() %}
{{ also('R07', measure_id, '100 * count(target_to_pct) / count(*)', ref('stg_nyfed__reference_rates'), 'effective_date',
    '2018-04-02', none, "rate_type = '" ~ rate_type ~ "'", 3000) }}
{% endfor %}
{#- The rate ended on 2021-07-28; an excerpt that ends years before does not show it. -#}
{{ also('R08', 'days_since_last_ioer',
    "case when max(observation_date) >= date '2021-07-01' then " ~ publication_date() ~ ' - max(observation_date) end',
    'excess_reserves_rate', 'observation_date', '2008-10-09', none, 'observation_date <= ' ~ publication_date(), 9999) }}
{% for measure_id, types in {'money_funds_and_banks': "'mmf', 'bank'", 'banks_alone': "'bank'"}.items() %}
{{ also('R09', measure_id, '100 * sum(case when counterparty_type in (' ~ types
    ~ ') then accepted_usd end) / nullif(sum(accepted_usd), 0)', ref('stg_nyfed__reverse_repo_propositions'),
    'operation_date', '2022-12-30', '2022-12-30') }}
{% endfor %}
{{ also('R10', 'over_reverse_repo', '100 * avg(cast(sofr_minus_on_rrp_award_bp > 0 as integer))', 'corridor',
    'effective_date', '2022-01-01', none, 'sofr_minus_on_rrp_award_bp is not null') }}
{{ also('R10', 'over_reserves', '100 * avg(cast(sofr_minus_iorb_bp > 0 as integer))', 'stress', 'effective_date',
    '2022-01-01', none, 'sofr_minus_iorb_bp is not null') }}
{{ also('R11', 'share_of_peak', '100 * median(on_rrp_usd_bn) / (select record_usd_bn from on_rrp_record)', 'on_rrp',
    'effective_date', '2025-09-05', published) }}
{{ also('R11', 'balance', 'median(on_rrp_usd_bn)', 'on_rrp', 'effective_date', '2025-09-05', published) }}
{{ also('R12', 'reverse_repo_share', change('repo_with_fed_share_pct', 'month_date'), money_funds, 'month_date',
    '2023-01-31', '2025-09-30', 'repo_with_fed_share_pct is not null', 31) }}
{{ also('R12', 'treasuries_share', change('treasuries_share_pct', 'month_date'), money_funds, 'month_date',
    '2023-01-31', '2025-09-30', 'treasuries_share_pct is not null', 31) }}
{% for measure_id, column_name in {
    'mean_spread': 'money_market_less_award_bp',
    'mean_discount': 'discount_less_award_bp',
    'mean_bond_equivalent': 'bond_equivalent_less_award_bp',
}.items() %}
{{ also('R13', measure_id, 'avg(' ~ column_name ~ ')', 'bills', 'observation_date', '2023-01-01') }}
{% endfor %}
{{ also('R13', 'share_of_days', '100 * avg(cast(money_market_less_award_bp > 0 as integer))', 'bills',
    'observation_date', '2023-01-01') }}
{% for measure_id, first in {'since_2022': '2022-06-01', 'in_2025': '2025-01-01'}.items() %}
{{ also('R16', measure_id, 'corr(reserves_usd_bn, sofr_minus_iorb_bp)', 'reserve_weeks', 'wednesday_date', first,
    published) }}
{% endfor %}
{{ also('R16', 'week_average', 'corr(reserves_usd_bn, sofr_minus_iorb_bp)', 'reserve_averages', 'wednesday_date',
    '2022-06-01', published) }}
{{ also('R17', 'spike', 'max(sofr_minus_ceiling_bp)', 'stress', 'effective_date', '2019-09-01', '2019-09-30',
    'sofr_minus_ceiling_bp is not null') }}
{{ also('R17', 'days_after', "min(effective_date) - date '2019-09-17'", 'facility_start', 'effective_date',
    '2018-01-01', none, 'true', 9999) }}
{{ also('R18', 'at_publication', '100 * avg(cast(is_unlimited as integer))', 'operations',
    'operation_date', '2025-10-05', published) }}
{{ also('R18', 'newest', '100 * avg(cast(is_unlimited as integer))', 'newest_operations',
    'operation_date', '2021-07-29', none, 'true', 9999) }}
{{ also('R19', 'median', 'max(sofr_minus_ceiling_bp)', 'stress', 'effective_date', '2025-01-01', published,
    'sofr_minus_ceiling_bp is not null') }}
{{ also('R19', 'percentile_99', 'max(sofr_percentile_99_minus_ceiling_bp)', 'stress', 'effective_date',
    '2025-01-01', published, 'sofr_percentile_99_minus_ceiling_bp is not null') }}
{{ also('R20', 'on_balance_sheet', 'median(repo_usd_bn / srf_accepted_usd_bn)', 'repo_wednesdays', 'wednesday_date',
    '2021-07-29', published, 'true', 400) }}
{{ also('R20', 'days_of_real_use', '100 * avg(cast(is_take_up as integer))', 'days_of_operations',
    'operation_date', '2021-07-29', published, 'accepted_usd_bn > 0', 400) }}
{{ also('R21', 'recall', 'avg(cast(is_sofr_near_ceiling as integer))', 'stress', 'effective_date',
    '2022-01-01', '2025-11-24', 'is_sofr_near_ceiling is not null and is_srf_take_up', 1200) }}
{{ also('R21', 'precision', 'avg(cast(is_srf_take_up as integer))', 'stress', 'effective_date',
    '2022-01-01', '2025-11-24', 'is_sofr_near_ceiling and is_srf_take_up is not null', 1200) }}
{{ also('R22', 'day', 'max(accepted_usd_bn)', 'days_of_operations', 'operation_date', '2021-07-29', published,
    'true', 170) }}
{{ also('R22', 'single_operation', 'max(accepted_usd_bn)', 'operations', 'operation_date', '2021-07-29', published,
    'true', 170) }}
{{ also('B07', 'levels', 'corr(volume_usd_bn, debt_usd_bn)', 'quarters', 'quarter_start', '2018-04-01',
    ahead='interval 3 month') }}
{{ also('B07', 'changes', 'corr(volume_change_usd_bn, debt_change_usd_bn)', 'quarters', 'quarter_start',
    '2018-07-01', none, 'volume_change_usd_bn is not null', ahead='interval 3 month') }}
{{ also('B07', 'elasticity', 'regr_slope(ln(volume_usd_bn), ln(debt_usd_bn))', 'quarters', 'quarter_start',
    '2018-04-01', none, 'volume_usd_bn > 0 and debt_usd_bn > 0', ahead='interval 3 month') }}
{% for measure_id, column_name in {'srf_share': 'repo_usd_bn', 'treasuries_share': 'treasuries_usd_bn'}.items() %}
{{ also('P01', measure_id, 'case when ' ~ change('assets_usd_bn', 'wednesday_date') ~ ' > 0 then 100 * ('
    ~ change(column_name, 'wednesday_date') ~ ') / (' ~ change('assets_usd_bn', 'wednesday_date') ~ ') end', 'sheets',
    'wednesday_date', '2025-10-29', none, 'assets_usd_bn is not null') }}
{% endfor %}
{{ also('P02', 'newest_quarter', 'case when count(*) >= 2 then ' ~ change('mean_use_usd_bn', 'quarter_start') ~ ' end',
    'use_by_quarter', 'quarter_start', '2025-10-01', ahead='interval 3 month') }}
{{ also('P02', 'trend', 'case when count(*) >= 3 then regr_slope(mean_use_usd_bn, quarter_number) end',
    'use_by_quarter', 'quarter_start', '2025-10-01', ahead='interval 3 month') }}
