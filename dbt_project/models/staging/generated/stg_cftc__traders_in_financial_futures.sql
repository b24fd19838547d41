{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
select
    contract_code,
    report_date,
    open_interest_contracts,
    dealer_long_contracts,
    dealer_short_contracts,
    dealer_spread_contracts,
    asset_manager_long_contracts,
    asset_manager_short_contracts,
    asset_manager_spread_contracts,
    leveraged_funds_long_contracts,
    leveraged_funds_short_contracts,
    leveraged_funds_spread_contracts,
    other_reportable_long_contracts,
    other_reportable_short_contracts,
    other_reportable_spread_contracts,
    nonreportable_long_contracts,
    nonreportable_short_contracts,
    leveraged_funds_long_traders_count,
    leveraged_funds_short_traders_count,
    known_from,
    known_basis
from {{ source('cftc', 'cftc__traders_in_financial_futures') }}
where {{ is_known() }}
