-- Every version of the values that alert rules, as-known series and forecasts look at, with the span of time in which it
-- was what one knew. In canonical units, so that a publisher's change of scale is no change. A version that was never
-- valid (its span is empty) is none.
{% set fred_series = [
    'DFEDTARL', 'DFEDTARU', 'IORB', 'IOER', 'RRPONTSYAWARD', 'RRPONTSYD', 'WALCL', 'WDTGAL', 'WRBWFRBL', 'WLCFLL',
    'WRESBAL', 'GDP'
] %}
with rates as (
    {% for input, column_name in {'sofr': 'rate_pct', 'sofr_percentile_99': 'percentile_99_pct'}.items() %}
    select
        '{{ input }}' as input,
        effective_date,
        {{ column_name }} as value,
        known_from,
        known_to,
        known_basis,
        is_deleted
    from {{ source('nyfed', 'nyfed__reference_rates') }}
    where {{ was_known() }} and rate_type = 'SOFR'
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

fred as (
    select
        series_id as input,
        observation_date as effective_date,
        {{ canonical_value('value', 'unit') }} as value,
        known_from,
        known_to,
        known_basis,
        is_deleted
    from {{ source('fred', 'fred__observations') }}
    where {{ was_known() }} and series_id in ('{{ fred_series | join("', '") }}')
),

cash as (
    select
        'tga' as input,
        record_date as effective_date,
        {{ usd_mn_to_bn(treasury_closing_usd_mn()) }} as value,
        known_from,
        known_to,
        known_basis,
        is_deleted
    from {{ source('fiscaldata', 'fiscaldata__operating_cash_balance') }}
    where {{ was_known() }}
),

versions as (
    select * from rates
    union all
    select * from fred
    union all
    select * from cash
)

select
    input,
    effective_date,
    value,
    known_from,
    known_to,
    known_basis
from versions
where not is_deleted and known_to > known_from and value is not null
