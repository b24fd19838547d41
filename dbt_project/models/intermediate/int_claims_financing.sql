-- Measurements of the claims about deficit, issuance and buyers (F01 to F11, B01 to B05, B08, M03). The windows are those of
-- the claims; definitions and ranges are in the seed claim_measures.
{% set buyers = [
    'fed', 'big_four_banks', 'other_banks', 'money_funds', 'foreign_official', 'foreign_private_ex_cayman', 'dealers'
] %}
{% set futures = ref('basis_trade_total_weekly') %}
with fiscal_years as (
    select
        make_date(fiscal_year, 9, 30) as year_end_date,
        net_issuance_to_deficit_ratio,
        net_issuance_to_deficit_5y_ratio,
        deficit_usd_bn
    from {{ ref('treasury_issuance_fiscal_year') }}
    where is_complete
),

receipts as (
    select
        make_date(budgets.fiscal_year, 9, 30) as year_end_date,
        100 * budgets.receipts_usd_bn / years.gdp_fiscal_year_usd_bn as receipts_to_gdp_pct
    from {{ ref('int_federal_budget_fiscal_year') }} as budgets
    inner join {{ ref('saving_vs_deficit_annual') }} as years on budgets.fiscal_year = years.calendar_year
    where budgets.months_count = 12
),

-- The newest estimate of each year and the years 2026 to 2028 together.
expected as (
    select
        institution,
        measure,
        period,
        {{ last_by('estimate_usd_bn', 'published_date') }} as estimate_usd_bn,
        max(published_date) as published_date
    from {{ ref('deficit_outlook') }}
    where
        period in ('FY2026', 'FY2027', 'FY2028', '2025Q4', '2026Q1')
        and (institution <> 'CBO' or kind = 'baseline')
    group by institution, measure, period
),

marketable_stock as (
    select
        record_date,
        {{ usd_mn_to_bn('debt_held_public_usd_mn') }} as held_by_public_usd_bn
    from {{ ref('stg_fiscaldata__mspd_table_1') }}
    where security_type_desc = 'Total Marketable'
),

debt as (
    select
        record_date,
        {{ usd_to_bn('debt_held_public_usd') }} as held_by_public_usd_bn
    from {{ ref('stg_fiscaldata__debt_to_penny') }}
),

four_banks as (
    select *
    from {{ ref('bank_treasury_holdings_quarterly') }}
    where holder_kind = 'four_banks' and change_fiscal_year_usd_bn is not null
),

saving_years as (
    select
        make_date(calendar_year, 12, 31) as year_end_date,
        make_date(calendar_year, 9, 30) as fiscal_year_end_date,
        saving_rate_pct,
        saving_rate_stated_pct,
        deficit_fiscal_year_to_gdp_pct,
        deficit_to_gdp_pct,
        deficit_less_saving_to_gdp_pct
    from {{ ref('saving_vs_deficit_annual') }}
),

-- Versions are held apart only where there is more than one. A vintage that is loaded later under the same moment takes
-- the place of what was thought to be known then.
saving_versions as (
    select
        effective_date as month_date,
        {{ last_by('value_canonical', 'load_seq') }} as rate_pct,
        known_from
    from {{ ref('stg_meta__versions') }}
    where dataset = 'fred.observations' and series = 'PSAVERT' and not is_deleted
    group by effective_date, known_from
    union all
    select
        observation_date as month_date,
        value_canonical as rate_pct,
        known_from
    from {{ ref('stg_fred__observations') }}
    where series_id = 'PSAVERT'
),

saving_before_update as (
    select
        month_date,
        {{ last_by('rate_pct', 'known_from') }} as rate_pct
    from saving_versions
    where known_from < timestamp '2025-09-25'
    group by month_date
),

abroad as (
    select
        holdings.month_date,
        holdings.official_usd_bn,
        100 * holdings.official_usd_bn / holdings.total_usd_bn as official_share_pct,
        100 * holdings.official_usd_bn / marketable_stock.held_by_public_usd_bn as official_share_of_marketable_pct,
        holdings.cayman_usd_bn,
        holdings.official_net_purchases_usd_bn,
        holdings.cayman_net_purchases_usd_bn,
        holdings.net_purchases_usd_bn - holdings.cayman_net_purchases_usd_bn as others_net_purchases_usd_bn
    from {{ ref('foreign_holdings_total_monthly') }} as holdings
    left join marketable_stock on holdings.month_date = marketable_stock.record_date
),

fed_note as (
    select
        period_end_date,
        value_usd_bn as net_purchases_usd_bn
    from {{ ref('stg_policy__fed_note_treasury_basis') }}
    where measure = 'cayman_hedge_funds_net_purchases'
),

tax_law as (
    select effective_date
    from {{ ref('stg_policy__claim_events') }}
    where event = 'tax_cuts_of_2017_prolonged'
),

hedge_funds as (
    select *
    from {{ ref('hedge_fund_exposure_quarterly') }}
    where treasuries_long_usd_bn is not null
),

issuance as (
    select
        effective_date,
        notes_net_usd_bn + bonds_net_usd_bn as coupons_net_usd_bn,
        tips_accretion_usd_bn,
        net_issuance_with_accretion_usd_bn,
        net_issuance_ex_accretion_usd_bn,
        gross_issues_ex_accretion_usd_bn,
        redemptions_usd_bn,
        redemptions_usd_bn - bills_redemptions_usd_bn as redemptions_without_bills_usd_bn
    from {{ ref('treasury_issuance_daily') }}
),

-- Whole quarters: one in which a buyer is missing has no residual, and a rank among some of them would be none.
quarters as (
    select
        quarter_date,
        {% for buyer in buyers %}
        {{ buyer }}_usd_bn,
        {% endfor %}
        cayman_usd_bn
    from {{ ref('marginal_buyers_quarterly') }}
    where residual_usd_bn is not null
),

-- Z.1 gives levels at market value at the end of a quarter, which FRED dates by its first day.
sectors as (
    select
        last_day(cast(observation_date + interval 2 month as date)) as quarter_date,
        max(case when series_id = 'HNOTSAQ027S' then value_canonical end) as households_usd_bn,
        max(case when series_id = 'BOGZ1FL633061105Q' then value_canonical end) as money_funds_usd_bn,
        max(case when series_id = 'BOGZ1FL653061105Q' then value_canonical end) as mutual_funds_usd_bn,
        max(case when series_id = 'BOGZ1FL893061105Q' then value_canonical end) as all_sectors_usd_bn
    from {{ ref('stg_fred__observations') }}
    where
        series_id in ('HNOTSAQ027S', 'BOGZ1FL633061105Q', 'BOGZ1FL653061105Q', 'BOGZ1FL893061105Q')
    group by 1
),

saved as (
    select
        quarter_date,
        households_usd_bn,
        households_usd_bn + money_funds_usd_bn + mutual_funds_usd_bn as households_and_funds_usd_bn,
        all_sectors_usd_bn
    from sectors
    where households_usd_bn + money_funds_usd_bn + mutual_funds_usd_bn + all_sectors_usd_bn is not null
)

{{ measured('F01', 'law_signed', 'max(' ~ publication_date() ~ ' - effective_date)', 'tax_law', 'effective_date',
    '2018-01-01', slack=9999) }}
{{ also('F01', 'receipts_to_gdp_change', change('receipts_to_gdp_pct', 'year_end_date'), 'receipts', 'year_end_date',
    '2024-09-30', '2025-09-30', span='interval 1 year') }}
{{ also('F02', 'cbo_deficit', 'case when count(*) = 3 then avg(estimate_usd_bn) end', 'expected', 'published_date',
    '1990-01-01', none, "institution = 'CBO' and measure = 'deficit' and period like 'FY%'", 20000) }}
{{ also('F02', 'bank_deficit', 'case when count(*) = 3 then avg(estimate_usd_bn) end', 'expected', 'published_date',
    '1990-01-01', none, "institution = 'Wells Fargo Economics' and measure = 'deficit' and period like 'FY%'", 20000) }}
{{ also('F02', 'actual_2026', 'max(deficit_usd_bn)', 'fiscal_years', 'year_end_date', '2026-09-30', '2026-09-30',
    span='interval 1 year') }}
{{ also('F03', 'cbo_borrowing', 'case when count(*) = 3 then avg(estimate_usd_bn) end', 'expected', 'published_date',
    '1990-01-01', none, "institution = 'CBO' and measure = 'net_borrowing' and period like 'FY%'", 20000) }}
{{ also('F03', 'treasury_two_quarters', 'case when count(*) = 2 then 2 * sum(estimate_usd_bn) end', 'expected',
    'published_date', '1990-01-01', none,
    "institution = 'US Treasury' and measure = 'privately_held_net_marketable_borrowing'", 20000) }}
{{ also('F03', 'actual_2026', 'sum(net_issuance_with_accretion_usd_bn)', 'issuance', 'effective_date',
    '2025-10-01', '2026-09-30') }}
{% for year in range(2021, 2026) %}
{{ also('F04', 'fiscal_year_' ~ year, 'max(net_issuance_to_deficit_ratio)', 'fiscal_years', 'year_end_date', year
    ~ '-09-30', year ~ '-09-30', span='interval 1 year') }}
{% endfor %}
{{ also('F04', 'five_years', 'max(net_issuance_to_deficit_5y_ratio)', 'fiscal_years', 'year_end_date', '2025-09-30',
    '2025-09-30', span='interval 5 year') }}
{% for measure_id, column_name in {
    'net_with_accretion': 'net_issuance_with_accretion_usd_bn',
    'net_without_accretion': 'net_issuance_ex_accretion_usd_bn',
    'gross_issues': 'gross_issues_ex_accretion_usd_bn',
}.items() %}
{{ also('F05', measure_id, 'sum(' ~ column_name ~ ')', 'issuance', 'effective_date', '2024-10-01', '2025-09-30') }}
{% endfor %}
{{ also('F05', 'marketable_stock', change('held_by_public_usd_bn', 'record_date'), 'marketable_stock', 'record_date',
    '2024-09-30', '2025-09-30') }}
{{ also('F05', 'debt_held_by_public', change('held_by_public_usd_bn', 'record_date'), 'debt', 'record_date',
    '2024-09-30', '2025-09-30', slack=1) }}
{{ also('F06', 'four_banks', 'max(change_fiscal_year_usd_bn)', 'four_banks', 'quarter_date', '2025-09-30', '2025-09-30',
    span='interval 1 year', from_level=true) }}
{% for measure_id, column_name in {
    'share_of_net': 'net_issuance_with_accretion_usd_bn', 'share_of_gross': 'gross_issues_ex_accretion_usd_bn'
}.items() %}
{{ also('F07', measure_id,
    '100 * (select max(change_fiscal_year_usd_bn) from four_banks where year(quarter_date) = 2025) / sum('
    ~ column_name ~ ')', 'issuance', 'effective_date', '2024-10-01', '2025-09-30') }}
{% endfor %}
{{ also('F08', 'mean_of_months', 'max(saving_rate_pct)', 'saving_years', 'year_end_date', '2024-12-31', '2024-12-31',
    span='interval 1 year') }}
{{ also('F08', 'before_annual_update', 'case when count(*) = 12 then avg(rate_pct) end', 'saving_before_update',
    'month_date', '2024-01-01', '2024-12-01', ahead='interval 1 month') }}
{{ also('F08', 'newest_version', "max(known_from::date) - date '2025-09-25'", 'saving_versions', 'month_date',
    '2024-01-01', '2024-12-01', ahead='interval 1 month') }}
{{ also('F08', 'annual_figure', 'max(saving_rate_stated_pct)', 'saving_years', 'year_end_date', '2024-12-31',
    '2024-12-31', span='interval 1 year') }}
{{ also('F09', 'fiscal_year', 'max(deficit_fiscal_year_to_gdp_pct)', 'saving_years', 'fiscal_year_end_date',
    '2024-09-30', '2024-09-30', span='interval 1 year') }}
{{ also('F09', 'calendar_year', 'max(deficit_to_gdp_pct)', 'saving_years', 'year_end_date', '2024-12-31', '2024-12-31',
    span='interval 1 year') }}
{{ also('F10', 'as_stated', 'max(deficit_fiscal_year_to_gdp_pct - saving_rate_pct)', 'saving_years', 'year_end_date',
    '2024-12-31', '2024-12-31', span='interval 15 month') }}
{{ also('F10', 'both_over_gdp', 'max(deficit_less_saving_to_gdp_pct)', 'saving_years', 'year_end_date', '2024-12-31',
    '2024-12-31', span='interval 1 year') }}
{{ also('F10', 'households_and_funds', '100 * (' ~ change('households_and_funds_usd_bn', 'quarter_date') ~ ') / ('
    ~ change('all_sectors_usd_bn', 'quarter_date') ~ ')', 'saved', 'quarter_date', '2021-12-31', '2024-12-31',
    slack=0) }}
{{ also('F11', 'holdings', change('official_usd_bn', 'month_date'), 'abroad', 'month_date', '2022-02-28',
    '2025-09-30', 'official_usd_bn is not null', 65) }}
{{ also('F11', 'share_of_marketable', change('official_share_of_marketable_pct', 'month_date'), 'abroad',
    'month_date', '2022-02-28', '2025-09-30', 'official_share_of_marketable_pct is not null', 65) }}
{{ also('F11', 'share_of_foreign', change('official_share_pct', 'month_date'), 'abroad', 'month_date', '2022-02-28',
    '2025-09-30', 'official_share_pct is not null', 65) }}
{{ also('F11', 'net_purchases', 'sum(official_net_purchases_usd_bn)', 'abroad', 'month_date', '2023-02-28',
    '2025-09-30', 'official_net_purchases_usd_bn is not null', 65, span='interval 1 month') }}
{{ also('B01', 'fed_note', 'max(net_purchases_usd_bn)', 'fed_note', 'period_end_date', '2024-12-31', '2024-12-31',
    span='interval 3 year') }}
{{ also('B01', 'form_pf_long', change('treasuries_long_usd_bn', 'quarter_date'), 'hedge_funds', 'quarter_date',
    '2021-12-31', '2024-12-31') }}
{{ also('B01', 'futures_short', change('short_usd_bn', 'report_date'), futures, 'report_date', '2022-01-01',
    '2024-12-31', slack=8) }}
{{ also('B01', 'tic_cayman', change('cayman_usd_bn', 'month_date'), 'abroad', 'month_date', '2021-12-31',
    '2024-12-31', 'cayman_usd_bn is not null') }}
{{ also('B02', 'with_accretion',
    '100 * (select max(net_purchases_usd_bn) from fed_note) / sum(coupons_net_usd_bn + tips_accretion_usd_bn)',
    'issuance', 'effective_date', '2022-01-01', '2024-12-31') }}
{{ also('B02', 'without_accretion', '100 * (select max(net_purchases_usd_bn) from fed_note) / sum(coupons_net_usd_bn)',
    'issuance', 'effective_date', '2022-01-01', '2024-12-31') }}
{{ also('B03', 'whole_window', '(select max(net_purchases_usd_bn) from fed_note) / sum(others_net_purchases_usd_bn)',
    'abroad', 'month_date', '2022-01-31', '2024-12-31', 'others_net_purchases_usd_bn is not null',
    span='interval 1 month') }}
{{ also('B03', 'tic_flows_since_2023', 'sum(cayman_net_purchases_usd_bn) / sum(others_net_purchases_usd_bn)', 'abroad',
    'month_date', '2023-02-28', '2024-12-31', 'others_net_purchases_usd_bn is not null', span='interval 1 month') }}
{{ also('B05', 'net_position', last_by('net_usd_bn', 'report_date'), futures, 'report_date', '2018-01-01', slack=8) }}
{{ also('B05', 'growth', change('short_usd_bn', 'report_date'), futures, 'report_date', '2018-01-01', slack=8) }}
{% for measure_id, own in {
    'rank_fed_note': '(select max(net_purchases_usd_bn) from fed_note)',
    'rank_with_households': '(select max(net_purchases_usd_bn) from fed_note)',
    'rank_cayman': 'sum(cayman_usd_bn)',
    'rank_form_pf': "(select " ~ change('treasuries_long_usd_bn', 'quarter_date')
        ~ " from hedge_funds where quarter_date between date '2021-12-31' and date '2024-12-31')",
}.items() %}
{% set ranks %}
case when count(*) = 12 then 1
    {% for buyer in buyers %} + cast(sum({{ buyer }}_usd_bn) > {{ own }} as integer) {% endfor %}
    {% if measure_id == 'rank_with_households' %}
    + cast((
        select case when count(*) = 13 then {{ change('households_usd_bn', 'quarter_date') }} end
        from saved
        where quarter_date between date '2021-12-31' and date '2024-12-31'
    ) > {{ own }} as integer)
    {% endif %}
end
{% endset %}
{{ also('B08', measure_id, ranks, 'quarters', 'quarter_date', '2022-03-31', '2024-12-31',
    span='interval 3 month', from_level=true) }}
{% endfor %}
{{ also('M03', 'redemptions', 'sum(redemptions_usd_bn)', 'issuance', 'effective_date', '2024-10-01', '2025-09-30') }}
{{ also('M03', 'coupons_falling_due', 'sum(redemptions_without_bills_usd_bn)', 'issuance', 'effective_date',
    '2024-10-01', '2025-09-30') }}
