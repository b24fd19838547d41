-- Every version of every row that has more than one, for datasets whose rows carry a number and whose values may be
-- passed on. In canonical units, so that the change of WTREGEN and WRESBAL from billions to millions is no revision.
{% set canonical = [canonical_value('value', 'unit'), canonical_unit('unit')] %}
{% set numbers = [
    {'source': ('fred', 'fred__observations'), 'series': 'series_id', 'date': 'observation_date',
     'value': canonical[0], 'unit': canonical[1], 'where': "series_id <> 'CBBTCUSD'"},
    {'source': ('frb', 'frb__h41'), 'series': 'series_id', 'date': 'observation_date',
     'value': canonical[0], 'unit': canonical[1], 'where': 'true'},
    {'source': ('frb', 'frb__h8'), 'series': 'series_id', 'date': 'observation_date',
     'value': canonical[0], 'unit': canonical[1], 'where': 'true'},
    {'source': ('ofr', 'ofr__short_term_funding'), 'series': 'mnemonic', 'date': 'observation_date',
     'value': canonical[0], 'unit': canonical[1], 'where': 'true'},
    {'source': ('nyfed', 'nyfed__reference_rates'), 'series': 'rate_type', 'date': 'effective_date',
     'value': 'rate_pct', 'unit': "'pct'", 'where': 'true'},
    {'source': ('nyfed', 'nyfed__reference_rates'), 'series': "rate_type || ' volume'", 'date': 'effective_date',
     'value': 'volume_usd_bn', 'unit': "'usd_bn'", 'where': 'true'},
    {'source': ('fiscaldata', 'fiscaldata__operating_cash_balance'), 'series': "account_type || ', open today'",
     'date': 'record_date', 'value': 'open_today_usd_mn / 1e3', 'unit': "'usd_bn'", 'where': 'true'},
    {'source': ('fiscaldata', 'fiscaldata__operating_cash_balance'), 'series': "account_type || ', close today'",
     'date': 'record_date', 'value': 'close_today_usd_mn / 1e3', 'unit': "'usd_bn'", 'where': 'true'},
] %}
with versions as (
    {% for number in numbers %}
    select
        '{{ number.source[0] }}.{{ number.source[1].split('__')[1] }}' as dataset,
        {{ number.series }} as series,
        {{ number.date }} as effective_date,
        cast({{ number.value }} as double) as value_canonical,
        {{ number.unit }} as canonical_unit,
        known_from,
        known_basis,
        load_seq,
        is_deleted
    from {{ source(number.source[0], number.source[1]) }}
    where {{ was_known() }} and {{ number.where }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    dataset,
    series,
    effective_date,
    value_canonical,
    canonical_unit,
    known_from,
    known_basis,
    load_seq,
    is_deleted
from (select *, count(*) over (partition by dataset, series, effective_date) as versions_count from versions)
where versions_count > 1
