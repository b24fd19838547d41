-- The same quantity, two publishers. Each pair is one select of date, first and second value in the unit of the pair.
{% set board_series = {
    'assets': ('RESPPMA_N.WW', 'WALCL'),
    'treasuries': ('RESPPALGUO_N.WW', 'TREAST'),
    'mbs': ('RESPPALGASMO_N.WW', 'WSHOMCB'),
    'repo': ('RESPPALGTR_N.WW', 'WORAL'),
    'loans': ('RESPPALD_N.WW', 'WLCFLL'),
    'reserves': ('RESH4R_N.WW', 'WRBWFRBL'),
    'reverse_repo': ('RESPPLLR_N.WW', 'WLRRAL'),
    'tga': ('RESPPLLDT_N.WW', 'WDTGAL'),
    'currency': ('RESPPLLN_N.WW', 'WLFN'),
} %}
{#- SOMA's total excludes inflation compensation, H.4.1's includes it. -#}
{% set accretion = 'coalesce(soma.tips_inflation_compensation_usd, 0)' %}
{% set soma_holdings = {
    'treasuries': (
        'soma.notes_bonds_usd + coalesce(soma.bills_usd, 0) + coalesce(soma.tips_usd, 0) + coalesce(soma.frn_usd, 0) + '
        ~ accretion, 'fred', 'TREAST'
    ),
    'bills': ('coalesce(soma.bills_usd, 0)', 'board', 'RESPPALGUOB_N.WW'),
    'total': ('soma.total_usd + ' ~ accretion, 'fred', 'WSHOSHO'),
} %}
{% set z1_levels = {
    'abroad_tic': 'rest_of_world', 'money_funds_ofr': 'money_funds', 'banks_fdic': 'banks_us_chartered',
} %}
{% set issues_of = {'bills': 'bills_issues_usd_bn', 'coupons': 'notes_issues_usd_bn + days.bonds_issues_usd_bn'} %}
{#- Values of CBBTCUSD of these dates are the close of the following day (found in the download of 2026-05-24). -#}
{% set shifted_first, shifted_last = "date '2024-09-08'", "date '2025-11-03'" %}
with rates as (
    select
        rate_type,
        effective_date,
        rate_pct
    from {{ ref('stg_nyfed__reference_rates') }}
    where effective_date >= date '2018-01-01'
),

fred as (
    select
        series_id,
        observation_date,
        value_canonical
    from {{ ref('stg_fred__observations') }}
    where observation_date >= date '2018-01-01'
),

board as (
    select
        series_id,
        observation_date,
        value_canonical
    from {{ ref('stg_frb__h41') }}
    where observation_date >= date '2018-01-01'
),

-- What was lent overnight on the business day before a holiday is outstanding on it.
wednesdays as (
    select
        fred.observation_date as wednesday_date,
        case
            when calendar.is_business_day then calendar.calendar_date else calendar.previous_business_date
        end as level_date
    from fred
    inner join {{ ref('int_calendar') }} as calendar on fred.observation_date = calendar.calendar_date
    where fred.series_id = 'WALCL'
),

-- The closing balance is used for days without a statement, five at most (a Friday before a Monday holiday is 4).
cash_days as (
    select
        calendar.calendar_date,
        case
            when calendar.calendar_date - cash.record_date <= 5 then cash.closing_balance_usd_bn
        end as closing_balance_usd_bn
    from {{ ref('int_calendar') }} as calendar
    {{ asof_left_join(ref('int_tga_daily'), 'cash', 'calendar.calendar_date', 'record_date') }}
    -- A balance is used for a weekend or holiday, never for a day whose statement is still missing.
    where
        calendar.calendar_date >= date '2018-01-01'
        and calendar.calendar_date <= (select max(record_date) from {{ ref('int_tga_daily') }})
),

cash_averages as (
    select
        wednesdays.wednesday_date,
        round(avg(cash_days.closing_balance_usd_bn), 6) as average_usd_bn
    from wednesdays
    inner join cash_days
        on cash_days.calendar_date between wednesdays.wednesday_date - 6 and wednesdays.wednesday_date
    group by wednesdays.wednesday_date
    having count(cash_days.closing_balance_usd_bn) = 7
),

-- Whole months of the daily statement, with the day on which the month before ended.
debt_months as (
    select
        periods.period_start_date,
        periods.period_end_date,
        periods.last_statement_date,
        periods.net_issuance_with_accretion_usd_bn,
        calendar.previous_business_date as before_date
    from {{ ref('treasury_issuance_period') }} as periods
    inner join {{ ref('int_calendar') }} as calendar on periods.first_statement_date = calendar.calendar_date
    where
        periods.period_kind = 'calendar_month'
        and periods.is_complete
        and periods.period_end_date >= date '2018-01-01'
),

-- All debt, marketable or not; without the Government Account Series, which is mostly what federal accounts hold.
debt_flows as (
    select
        debt_months.period_end_date,
        {{ difference_bn(usd_mn_to_bn("sum(
            case lines.transaction_type when 'Issues' then 1 else -1 end * lines.transaction_today_usd_mn
        )")) }} as all_net_usd_bn,
        {{ difference_bn(usd_mn_to_bn("sum(
            case lines.transaction_type when 'Issues' then 1 else -1 end * lines.transaction_today_usd_mn
        ) filter (where lines.security_type <> 'Government Account Series')")) }} as net_without_accounts_usd_bn
    from debt_months
    inner join {{ ref('stg_fiscaldata__public_debt_transactions') }} as lines
        on lines.record_date between debt_months.period_start_date and debt_months.period_end_date
    group by debt_months.period_end_date
),

debt_levels as (
    select
        debt_months.period_end_date,
        {{ usd_to_bn('at_end.debt_held_public_usd') }} as held_by_public_usd_bn,
        {{ difference_bn(usd_to_bn('(at_end.debt_held_public_usd - before.debt_held_public_usd)')) }}
            as held_by_public_change_usd_bn,
        {{ difference_bn(usd_to_bn('(at_end.tot_pub_debt_out_usd - before.tot_pub_debt_out_usd)')) }}
            as total_change_usd_bn
    from debt_months
    inner join {{ ref('stg_fiscaldata__debt_to_penny') }} as at_end
        on debt_months.last_statement_date = at_end.record_date
    left join {{ ref('stg_fiscaldata__debt_to_penny') }} as before on debt_months.before_date = before.record_date
),

statement_classes as (
    select
        record_date,
        {{ usd_mn_to_bn("max(total_usd_mn) filter (where security_type_desc = 'Total Marketable')") }}
            as marketable_usd_bn,
        {{ usd_mn_to_bn("max(debt_held_public_usd_mn) filter (
            where security_type_desc = 'Total Public Debt Outstanding'
        )") }} as held_by_public_usd_bn
    from {{ ref('stg_fiscaldata__mspd_table_1') }}
    group by record_date
),

-- While the debt limit binds, and in the month before and after, the Treasury moves debt of funds that count as the
-- public out of the Government Account Series and back.
limited_months as (
    select distinct debt_months.period_end_date
    from debt_months
    inner join {{ ref('stg_policy__debt_limit_episodes') }} as episodes
        on
            episodes.binding_start_date <= debt_months.period_end_date + interval 1 month
            and (
                episodes.resolved_date is null
                or episodes.resolved_date >= debt_months.period_start_date - interval 1 month
            )
),

delivered as (
    select
        issue_date,
        {{ difference_bn("sum(total_accepted_usd_bn) filter (where security_class = 'bills')") }} as bills_usd_bn,
        {{ difference_bn("sum(total_accepted_usd_bn) filter (where security_class <> 'bills')") }} as coupons_usd_bn
    from {{ ref('treasury_auctions') }}
    group by issue_date
),

-- Auctions that are listed without a result: what was delivered that day is unknown.
without_result as (
    select
        issue_date,
        count(*) filter (where security_type = 'Bill') as bills_count,
        count(*) filter (where security_type <> 'Bill') as coupons_count
    from {{ ref('stg_fiscaldata__auctions_query') }}
    where total_accepted_usd is null
    group by issue_date
),

amounts as (
    {% for rate in ['SOFR', 'EFFR'] %}
    {{ pair(rate | lower ~ '_nyfed_fred', 'rates.effective_date', 'rates.rate_pct', 'fred.value_canonical') }}
    from rates
    inner join fred on rates.effective_date = fred.observation_date and fred.series_id = '{{ rate }}'
    where rates.rate_type = '{{ rate }}'
    union all
    {% endfor %}
    {{ pair('sofr_nyfed_ofr', 'rates.effective_date', 'rates.rate_pct', 'ofr.value_canonical') }}
    from rates
    inner join {{ ref('stg_ofr__short_term_funding') }} as ofr
        on rates.effective_date = ofr.observation_date and ofr.mnemonic = 'FNYR-SOFR-A'
    where rates.rate_type = 'SOFR'
    union all
    {{ pair('on_rrp_nyfed_fred', 'effective_date', 'on_rrp_nyfed_usd_bn', 'on_rrp_fred_usd_bn') }}
    from {{ ref('int_operations_daily') }}
    union all
    -- Repo with foreign officials is in the line, and has its own since 2020.
    {{ pair('srf_nyfed_h41', 'wednesdays.wednesday_date', 'operations.srf_accepted_usd_bn',
        'fred.value_canonical - coalesce(abroad.value_canonical, 0)') }}
    from wednesdays
    inner join {{ ref('int_operations_daily') }} as operations on wednesdays.level_date = operations.effective_date
    inner join fred on wednesdays.wednesday_date = fred.observation_date and fred.series_id = 'WORAL'
    left join fred as abroad
        on fred.observation_date = abroad.observation_date and abroad.series_id = 'H41RESPPALGTRFNWW'
    union all
    {{ pair('srf_nyfed_fred', 'effective_date', 'repo_nyfed_usd_bn', 'repo_fred_usd_bn') }}
    from {{ ref('int_operations_daily') }}
    union all
    {{ pair('on_rrp_nyfed_h41', 'wednesdays.wednesday_date',
        'operations.on_rrp_nyfed_usd_bn', 'board.value_canonical') }}
    from wednesdays
    inner join {{ ref('int_operations_daily') }} as operations on wednesdays.level_date = operations.effective_date
    inner join board
        on wednesdays.wednesday_date = board.observation_date and board.series_id = 'RESPPLLRD_N.WW'
    union all
    {{ pair('tga_dts_h41', 'wednesdays.wednesday_date', 'cash_days.closing_balance_usd_bn', 'fred.value_canonical') }}
    from wednesdays
    inner join cash_days on wednesdays.wednesday_date = cash_days.calendar_date
    inner join fred on wednesdays.wednesday_date = fred.observation_date and fred.series_id = 'WDTGAL'
    union all
    {{ pair('public_debt_dts_penny', 'debt_flows.period_end_date',
        'debt_flows.all_net_usd_bn', 'debt_levels.total_change_usd_bn') }}
    from debt_flows
    inner join debt_levels on debt_flows.period_end_date = debt_levels.period_end_date
    union all
    {{ pair('held_by_public_dts_penny', 'debt_flows.period_end_date',
        'debt_flows.net_without_accounts_usd_bn', 'debt_levels.held_by_public_change_usd_bn') }}
    from debt_flows
    inner join debt_levels on debt_flows.period_end_date = debt_levels.period_end_date
    union all
    {{ pair('marketable_dts_mspd', 'debt_months.period_end_date',
        'debt_months.net_issuance_with_accretion_usd_bn',
        difference_bn('at_end.marketable_usd_bn - before.marketable_usd_bn')) }}
    from debt_months
    inner join statement_classes as at_end on debt_months.period_end_date = at_end.record_date
    inner join statement_classes as before on debt_months.period_start_date - 1 = before.record_date
    union all
    {{ pair('held_by_public_penny_mspd', 'debt_levels.period_end_date',
        'debt_levels.held_by_public_usd_bn', 'statement_classes.held_by_public_usd_bn') }}
    from debt_levels
    inner join statement_classes on debt_levels.period_end_date = statement_classes.record_date
    {% for name, issues in issues_of.items() %}
    union all
    {{ pair('issues_dts_auctions_' ~ name, 'days.effective_date',
        difference_bn('days.' ~ issues), 'coalesce(delivered.' ~ name ~ '_usd_bn, 0)') }}
    from {{ ref('treasury_issuance_daily') }} as days
    left join delivered on days.effective_date = delivered.issue_date
    left join without_result on days.effective_date = without_result.issue_date
    -- A day of settlement is known from either side, so that an auction that was not fetched counts as none held.
    -- Corrections on other days came to at most 39 million in five recorded years, an issue to at least 13 billion.
    where
        days.effective_date between (select min(issue_date) from delivered) and (select max(issue_date) from delivered)
        and (days.{{ issues }} > 1 or delivered.{{ name }}_usd_bn is not null)
        and coalesce(without_result.{{ name }}_count, 0) = 0
    {% endfor %}
    union all
    {{ pair('tga_dts_week_average', 'cash_averages.wednesday_date',
        'cash_averages.average_usd_bn', 'fred.value_canonical') }}
    from cash_averages
    inner join fred on cash_averages.wednesday_date = fred.observation_date and fred.series_id = 'WTREGEN'
    {% for name, (held, publisher, series) in soma_holdings.items() %}
    union all
    {{ pair('soma_' ~ name ~ '_h41', 'soma.wednesday_date',
        usd_to_bn('(' ~ held ~ ')'), publisher ~ '.value_canonical') }}
    from {{ ref('stg_nyfed__soma_summary') }} as soma
    inner join {{ publisher }}
        on soma.wednesday_date = {{ publisher }}.observation_date and {{ publisher }}.series_id = '{{ series }}'
    {% endfor %}
    {% for name, series in board_series.items() %}
    union all
    {{ pair('board_fred_' ~ name, 'board.observation_date', 'board.value_canonical', 'fred.value_canonical') }}
    from board
    inner join fred on board.observation_date = fred.observation_date and fred.series_id = '{{ series[1] }}'
    where board.series_id = '{{ series[0] }}'
    {% endfor %}
    union all
    -- Z.1 has the Fed's level at market value, so what it bought is compared, not what it holds.
    {{ pair('z1_fed_h41', 'now.quarter_date',
        'now.z1_net_purchases_usd_bn', difference_bn('now.second_count_usd_bn - before.second_count_usd_bn')) }}
    from {{ ref('treasury_holders_quarterly') }} as now
    inner join {{ ref('treasury_holders_quarterly') }} as before
        on now.sector = before.sector and last_day(now.quarter_date - interval 3 month) = before.quarter_date
    where now.sector = 'fed'
    {% for name, sector in z1_levels.items() %}
    union all
    {{ pair('z1_' ~ name, 'quarter_date', 'held_usd_bn', 'second_count_usd_bn') }}
    from {{ ref('treasury_holders_quarterly') }}
    where sector = '{{ sector }}'
    {% endfor %}
    union all
    {{ pair('assets_liabilities_capital', 'assets.observation_date',
        'assets.value_canonical', 'liabilities.value_canonical + capital.value_canonical') }}
    from board as assets
    inner join board as liabilities
        on assets.observation_date = liabilities.observation_date and liabilities.series_id = 'RESPPMLL_N.WW'
    inner join board as capital
        on assets.observation_date = capital.observation_date and capital.series_id = 'RESPPLC_N.WW'
    where assets.series_id = 'RESPPMA_N.WW'
),

coinbase as (
    select
        candle_date,
        close_usd_per_btc
    from {{ ref('stg_coinbase__daily_candles') }}
    where product_id = 'BTC-USD' and candle_date >= date '2018-01-01'
),

prices as (
    select
        'btc_coinbase_kraken' as pair,
        coinbase.candle_date as effective_date,
        coinbase.close_usd_per_btc as first_usd_per_btc,
        kraken.close_usd_per_btc as second_usd_per_btc
    from coinbase
    inner join {{ ref('stg_kraken__daily_candles') }} as kraken on coinbase.candle_date = kraken.candle_date
    {% for name, days in {'same_day': 0, 'next_day': 1}.items() %}
    union all
    select
        'btc_cbbtcusd_coinbase_{{ name }}' as pair,
        fred.observation_date as effective_date,
        coinbase.close_usd_per_btc as first_usd_per_btc,
        fred.value_canonical as second_usd_per_btc
    from fred
    inner join coinbase on fred.observation_date + {{ days }} = coinbase.candle_date
    where fred.series_id = 'CBBTCUSD'
    {% endfor %}
),

price_rows as (
    select
        pair,
        effective_date,
        first_usd_per_btc,
        second_usd_per_btc,
        (second_usd_per_btc / first_usd_per_btc - 1) * 1e4 as difference_bp,
        case
            when pair = 'btc_coinbase_kraken' then true
            when pair = 'btc_cbbtcusd_coinbase_next_day'
                then effective_date between {{ shifted_first }} and {{ shifted_last }}
            else effective_date not between {{ shifted_first }} and {{ shifted_last }}
        end as is_expected
    from prices
),

-- A month tells the days apart: bitcoin moves by more than 50 bp on most days, two closes of one day differ by few.
months as (
    select
        cast(date_trunc('month', effective_date) as date) as month_date,
        max(effective_date) as last_date,
        median(case when pair = 'btc_cbbtcusd_coinbase_same_day' then abs(difference_bp) end) as same_day_bp,
        median(case when pair = 'btc_cbbtcusd_coinbase_next_day' then abs(difference_bp) end) as next_day_bp
    from price_rows
    where pair in ('btc_cbbtcusd_coinbase_same_day', 'btc_cbbtcusd_coinbase_next_day')
    group by date_trunc('month', effective_date)
    having count(*) >= 40
),

shifts as (
    select
        month_date,
        same_day_bp,
        next_day_bp,
        case when next_day_bp < same_day_bp then 1 else 0 end as detected_shift_days,
        case
            when month_date >= {{ shifted_first }} and last_date <= {{ shifted_last }} then 1
            when last_date < {{ shifted_first }} or month_date > {{ shifted_last }} then 0
        end as expected_shift_days
    from months
),

compared as (
    select
        pairs.pair,
        'value' as row_kind,
        amounts.effective_date,
        amounts.first_value,
        amounts.second_value,
        null as first_usd_per_btc,
        null as second_usd_per_btc,
        round(amounts.second_value - amounts.first_value, 6) as difference_value,
        null as detected_shift_days,
        abs(round(amounts.second_value - amounts.first_value, 6)) <= pairs.tolerance + 1e-9 as is_agreed,
        amounts.pair <> 'held_by_public_dts_penny' or limited_months.period_end_date is null as is_expected
    from amounts
    inner join {{ ref('stg_policy__reconciliation_pairs') }} as pairs on amounts.pair = pairs.pair
    left join limited_months on amounts.effective_date = limited_months.period_end_date
    where
        amounts.effective_date >= pairs.since_date
        and amounts.first_value is not null
        and amounts.second_value is not null
    union all
    select
        pairs.pair,
        'value' as row_kind,
        price_rows.effective_date,
        null as first_value,
        null as second_value,
        price_rows.first_usd_per_btc,
        price_rows.second_usd_per_btc,
        round(price_rows.difference_bp, 2) as difference_value,
        null as detected_shift_days,
        abs(round(price_rows.difference_bp, 2)) <= pairs.tolerance + 1e-9 as is_agreed,
        price_rows.is_expected
    from price_rows
    inner join {{ ref('stg_policy__reconciliation_pairs') }} as pairs on price_rows.pair = pairs.pair
    union all
    select
        pairs.pair,
        'date_shift' as row_kind,
        shifts.month_date as effective_date,
        round(shifts.same_day_bp, 2) as first_value,
        round(shifts.next_day_bp, 2) as second_value,
        null as first_usd_per_btc,
        null as second_usd_per_btc,
        null as difference_value,
        shifts.detected_shift_days,
        shifts.detected_shift_days = shifts.expected_shift_days as is_agreed,
        shifts.expected_shift_days is not null as is_expected
    from shifts
    inner join {{ ref('stg_policy__reconciliation_pairs') }} as pairs on pairs.pair = 'btc_cbbtcusd_date_shift'
)

select
    compared.pair,
    compared.row_kind,
    compared.effective_date,
    pairs.first_publisher,
    pairs.second_publisher,
    pairs.unit,
    cast(compared.first_value as double) as first_value,
    cast(compared.second_value as double) as second_value,
    cast(compared.first_usd_per_btc as double) as first_close_usd_per_btc,
    cast(compared.second_usd_per_btc as double) as second_close_usd_per_btc,
    cast(compared.difference_value as double) as difference_value,
    pairs.tolerance as tolerance_value,
    cast(compared.detected_shift_days as bigint) as detected_shift_days,
    case
        when not compared.is_expected then 'not expected to agree'
        when compared.is_agreed then 'agree'
        else 'differ'
    end as verdict,
    pairs.reason
from compared
inner join {{ ref('stg_policy__reconciliation_pairs') }} as pairs on compared.pair = pairs.pair
order by compared.pair, compared.effective_date
