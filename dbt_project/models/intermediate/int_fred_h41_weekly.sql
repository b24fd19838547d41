-- The Fed's balance sheet by Wednesday, in billions. Only series that are Wednesday levels are here: WTREGEN and
-- WRESBAL are averages of the week under the same date, and an average among levels breaks the identity.
{% set wednesday_levels = {
    'assets_usd_bn': 'WALCL',
    'treasuries_usd_bn': 'TREAST',
    'mbs_usd_bn': 'WSHOMCB',
    'repo_usd_bn': 'WORAL',
    'loans_usd_bn': 'WLCFLL',
    'primary_credit_usd_bn': 'WLCFLPCL',
    'secondary_credit_usd_bn': 'WLCFLSCL',
    'seasonal_credit_usd_bn': 'WLCFLSECL',
    'term_funding_usd_bn': 'H41RESPPALDKNWW',
    'paycheck_facility_usd_bn': 'H41RESPPALDJNWW',
    'other_credit_usd_bn': 'WLCFOCEL',
    'foreign_repo_usd_bn': 'H41RESPPALGTRFNWW',
    'swaps_usd_bn': 'SWPT',
    'foreign_currency_usd_bn': 'WFCDA',
    'reserves_usd_bn': 'WRBWFRBL',
    'reverse_repo_usd_bn': 'WLRRAL',
    'tga_usd_bn': 'WDTGAL',
    'currency_usd_bn': 'WLFN',
} %}
with observations as (
    select observation_date, series_id, value_canonical
    from {{ ref('stg_fred__observations') }}
    where series_id in ('{{ wednesday_levels.values() | join("', '") }}')
)

select
    observation_date as wednesday_date,
    {% for column_name, series_id in wednesday_levels.items() %}
    max(case when series_id = '{{ series_id }}' then value_canonical end)
        as {{ column_name }}{{ ',' if not loop.last }}
    {% endfor %}
from observations
group by observation_date
