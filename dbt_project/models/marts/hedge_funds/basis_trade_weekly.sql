with positions as (
    select
        futures.report_date,
        futures.contract_code,
        contracts.contract_name,
        contracts.face_usd,
        contracts.is_face_verified,
        contracts.ten_year_equivalent_weight,
        futures.open_interest_contracts,
        futures.leveraged_funds_long_contracts as long_contracts,
        futures.leveraged_funds_short_contracts as short_contracts,
        futures.leveraged_funds_spread_contracts as spread_contracts,
        futures.leveraged_funds_long_contracts - futures.leveraged_funds_short_contracts as net_contracts,
        futures.asset_manager_long_contracts - futures.asset_manager_short_contracts as asset_manager_net_contracts,
        futures.leveraged_funds_short_traders_count as short_traders_count
    from {{ ref('stg_cftc__traders_in_financial_futures') }} as futures
    left join {{ ref('stg_policy__treasury_futures_contracts') }} as contracts
        on futures.contract_code = contracts.contract_code
)

select
    report_date,
    contract_code,
    contract_name,
    face_usd,
    is_face_verified,
    ten_year_equivalent_weight,
    open_interest_contracts,
    long_contracts,
    short_contracts,
    spread_contracts,
    net_contracts,
    {{ usd_to_bn('long_contracts * face_usd') }} as long_usd_bn,
    {{ usd_to_bn('short_contracts * face_usd') }} as short_usd_bn,
    {{ usd_to_bn('net_contracts * face_usd') }} as net_usd_bn,
    {{ usd_to_bn('asset_manager_net_contracts * face_usd') }} as asset_manager_net_usd_bn,
    short_contracts * ten_year_equivalent_weight as short_ten_year_equivalent_contracts,
    net_contracts * ten_year_equivalent_weight as net_ten_year_equivalent_contracts,
    100.0 * short_contracts / nullif(open_interest_contracts, 0) as short_share_of_open_interest_pct,
    short_traders_count
from positions
order by report_date, contract_code
