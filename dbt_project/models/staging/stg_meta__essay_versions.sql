-- Every version of the values that essays are measured with, and the span of time in which it was what one knew: the name
-- of a series in the seed essay_measures, in billions of US dollars, percent or dollars. A test holds the lists and the
-- seed together. Bitcoin is Coinbase's price; FRED's copy of it takes over where no candle is held (source_rank 2): there
-- the close of the following day was printed from 2024-09-08 to 2025-11-03 (ingest/providers/fred.md), which is undone.
{% set fred = [
    'DFEDTARU', 'DGS10', 'DGS2', 'FYFSD', 'GDP', 'GFDEBTN', 'H41RESPPALDKNWW', 'IORB', 'DFEDTARL', 'M2SL', 'RRPONTSYAWARD',
    'RRPONTSYD', 'SWPT', 'TASACBW027SBOG', 'TREAST', 'WALCL', 'WRESBAL', 'WSHOMCB',
    'FYGFDPUN', 'TOTBKCR', 'TOTLL', 'CLSACBW027SBOG', 'WFCDA', 'DEXJPUS', 'MORTGAGE30US',
    'IRLTLT01JPM156N'
] %}
{#- series, date, value in the canonical unit, condition -#}
{% set issued = "transaction_type = 'Issues' and security_market = 'Marketable' and security_type in " %}
{% set debt = usd_mn_to_bn('transaction_today_usd_mn') %}
{% set tables = [
    ('fiscaldata.operating_cash_balance/tga_closing', 'record_date', usd_mn_to_bn(treasury_closing_usd_mn()), ''),
    ('fiscaldata.debt_to_penny/total', 'record_date', usd_to_bn('tot_pub_debt_out_usd'), ''),
    ('fiscaldata.debt_to_penny/held_by_the_public', 'record_date', usd_to_bn('debt_held_public_usd'), ''),
    ('fiscaldata.public_debt_transactions/issues', 'record_date', debt, issued ~ "('Bills', 'Notes', 'Bonds')"),
    ('fiscaldata.public_debt_transactions/issues_of_notes_and_bonds', 'record_date', debt, issued ~ "('Notes', 'Bonds')"),
    ('fiscaldata.public_debt_transactions/issues_of_bills', 'record_date', debt, issued ~ "('Bills')"),
    ('fiscaldata.mspd_table_1/bills', 'record_date', usd_mn_to_bn('total_usd_mn'),
        "security_type_desc = 'Marketable' and security_class_desc = 'Bills'"),
    ('ofr.short_term_funding/MMF-MMF_T_TOT-M', 'observation_date', canonical_value('value', 'unit'),
        "mnemonic = 'MMF-MMF_T_TOT-M'"),
    ('tic.major_foreign_holders/Japan', 'month_date', 'holdings_usd_bn', "country = 'Japan'"),
    ('nyfed.treasury_operations/bills_bought', 'operation_date', usd_to_bn('accepted_usd'),
        "operation_direction = 'P' and operation_type ilike '%bill%'"),
] %}
{% set tic_rank = "case source_table when 'slt_table5' then 1 else 2 end" %}
with observations as (
    select
        series_id,
        observation_date as effective_date,
        {{ canonical_value('value', 'unit') }} as value_canonical,
        known_from, known_to, known_basis
    from {{ source('fred', 'fred__observations') }}
    where
        {{ was_known() }} and known_to > known_from and not is_deleted
        and series_id in ('{{ fred | join("', '") }}', 'DTB4WK', 'CBBTCUSD')
),

copied_prices as (
    select
        effective_date + case when is_shifted then 1 else 0 end as effective_date,
        value_canonical,
        -- Nobody knows a close before the day is over.
        greatest(known_from, cast(effective_date + case when is_shifted then 2 else 1 end as timestamp)) as known_from,
        known_to, known_basis
    from (
        select *, effective_date between date '2024-09-08' and date '2025-11-02' as is_shifted
        from observations
        where series_id = 'CBBTCUSD' and effective_date <> date '2025-11-03'
    ) as prices
),

candles as (
    select * from {{ source('coinbase', 'coinbase__daily_candles') }}
    where {{ was_known() }} and known_to > known_from and not is_deleted and product_id = 'BTC-USD'
),

renamed as (
    select
        'fred.observations/' || series_id as series,
        effective_date,
        value_canonical as measured_value,
        1 as source_rank, known_from, known_to, known_basis
    from observations
    where series_id in ('{{ fred | join("', '") }}')
    union all
    -- The bill is quoted as a discount; next to reverse repo it is simple interest on what is paid.
    select
        'fred.observations/DTB4WK/money_market_yield',
        effective_date,
        {{ money_market_yield_pct('value_canonical', 28) }},
        1, known_from, known_to, known_basis
    from observations
    where series_id = 'DTB4WK'
    union all
    select
        'coinbase.daily_candles/BTC-USD/close',
        effective_date,
        value_canonical,
        2, known_from, known_to, known_basis
    from copied_prices
    where known_to > known_from
    {% for price in ['close', 'high', 'low'] %}
    union all
    select
        'coinbase.daily_candles/BTC-USD/{{ price }}',
        candle_date,
        {{ price }}_usd_per_btc,
        1, known_from, known_to, known_basis
    from candles
    {% endfor %}
    {% for series, date_column, value, condition in tables %}
    {% set dataset = series.split('/')[0].split('.') %}
    union all
    select '{{ series }}', {{ date_column }}, {{ value }}, {{ tic_rank if dataset[0] == 'tic' else 1 }},
        known_from, known_to, known_basis
    from {{ source(dataset[0], dataset | join('__')) }}
    where {{ was_known() }} and known_to > known_from and not is_deleted{{ ' and ' ~ condition if condition }}
    {% endfor %}
)

select * from renamed
where measured_value is not null
