-- How good the knowledge time of each row is that a claim can rest on, without the values: one row for each series, date
-- and basis. Only datasets that the seed claim_measures names; a test holds the two together.
{% set scored = [
    'nyfed.reference_rates', 'nyfed.repo_operations', 'nyfed.repo_operation_details',
    'nyfed.reverse_repo_propositions', 'nyfed.primary_dealer_statistics', 'fred.observations',
    'fiscaldata.operating_cash_balance', 'fiscaldata.public_debt_transactions', 'fiscaldata.debt_to_penny',
    'fiscaldata.mts_table_1', 'fiscaldata.mspd_table_1', 'coinbase.daily_candles',
    'worldbank.commodity_prices_monthly', 'tic.major_foreign_holders', 'tic.slt_country_flows',
    'ofr.short_term_funding', 'ofr.hedge_fund_monitor', 'cftc.traders_in_financial_futures',
    'fdic.call_report_treasuries'
] %}
{% for dataset in datasets() if dataset.id in scored %}
select
    '{{ dataset.id }}' as dataset,
    '{{ dataset.id }}' {% if dataset.series_column %} || '/' || {{ dataset.series_column }} {% endif %} as series_input,
    {{ dataset.date_column }} as effective_date,
    known_basis
from {{ ref('stg_' ~ dataset.table) }}
group by all
{{ 'union all' if not loop.last }}
{% endfor %}
