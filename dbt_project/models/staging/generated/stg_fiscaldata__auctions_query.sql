{#- Generated from the catalog by `liquidity generate`; do not edit. -#}
with source as (
    select * from {{ source('fiscaldata', 'fiscaldata__auctions_query') }}
    where {{ is_known() }}
),

final as (
    select
        cusip,
        auction_date,
        security_type,
        security_term,
        original_security_term,
        reopening,
        cash_management_bill,
        floating_rate,
        inflation_index_security,
        announcement_date,
        issue_date,
        maturity_date,
        offering_usd,
        total_tendered_usd,
        total_accepted_usd,
        soma_accepted_usd,
        primary_dealer_accepted_usd,
        direct_bidder_accepted_usd,
        indirect_bidder_accepted_usd,
        noncomp_accepted_usd,
        fima_noncomp_accepted_usd,
        est_public_maturing_usd,
        bid_to_cover_ratio,
        high_discount_rate_pct,
        high_investment_rate_pct,
        high_yield_pct,
        median_yield_pct,
        high_discount_margin_pct,
        interest_rate_pct,
        allocation_pct,
        known_from,
        known_basis
    from source
)

select * from final
