-- Who took each auction that has been held, and how it went against the twelve before of the same security.
{% set bidders = ['primary_dealer', 'direct_bidder', 'indirect_bidder'] %}
{% set compared = {
    'bid_to_cover': 'bid_to_cover_ratio',
    'primary_dealer_share': 'primary_dealer_share_pct',
    'direct_bidder_share': 'direct_bidder_share_pct',
    'indirect_bidder_share': 'indirect_bidder_share_pct',
    'soma_share': 'soma_share_pct',
    'high_minus_median': 'high_minus_median_bp',
} %}
with auctions as (
    select
        *,
        case
            when inflation_index_security = 'Yes' then 'tips'
            when floating_rate = 'Yes' then 'frns'
            when security_type = 'Bill' then 'bills'
            when security_type = 'Note' then 'notes'
            when security_type = 'Bond' then 'bonds'
            else 'other'
        end as security_class,
        coalesce(cash_management_bill = 'Yes', false) as is_cash_management_bill,
        primary_dealer_accepted_usd + direct_bidder_accepted_usd + indirect_bidder_accepted_usd
            as competitive_accepted_usd
    from {{ ref('stg_fiscaldata__auctions_query') }}
    where total_accepted_usd is not null  -- announced ones have no result yet
),

results as (
    select
        auction_date,
        cusip,
        security_class,
        -- A reopened ten-year note is sold as of 9 years and 10 or 11 months, a reopened bill under what it has left.
        case when security_class = 'bills' then security_term else original_security_term end as benchmark_term,
        coalesce(reopening = 'Yes', false) as is_reopening,
        is_cash_management_bill,
        issue_date,
        maturity_date,
        {{ usd_to_bn('offering_usd') }} as offering_usd_bn,
        {{ usd_to_bn('total_tendered_usd') }} as tendered_usd_bn,
        {{ usd_to_bn('total_accepted_usd') }} as total_accepted_usd_bn,
        {% for bidder in bidders %}
        {{ usd_to_bn(bidder ~ '_accepted_usd') }} as {{ bidder }}_usd_bn,
        {% endfor %}
        {{ usd_to_bn('noncomp_accepted_usd') }} as noncompetitive_usd_bn,
        {{ usd_to_bn('fima_noncomp_accepted_usd') }} as fima_usd_bn,
        {{ usd_to_bn('coalesce(soma_accepted_usd, 0)') }} as soma_usd_bn,
        {{ usd_to_bn(
            '(total_accepted_usd - competitive_accepted_usd - coalesce(noncomp_accepted_usd, 0)'
            ~ ' - coalesce(fima_noncomp_accepted_usd, 0) - coalesce(soma_accepted_usd, 0))'
        ) }} as unattributed_usd_bn,
        {% for bidder in bidders %}
        round(100 * {{ bidder }}_accepted_usd / nullif(competitive_accepted_usd, 0), 4) as {{ bidder }}_share_pct,
        {% endfor %}
        round(100 * coalesce(soma_accepted_usd, 0) / nullif(total_accepted_usd, 0), 4) as soma_share_pct,
        bid_to_cover_ratio,
        case security_class
            when 'bills' then high_investment_rate_pct
            when 'frns' then high_discount_margin_pct
            else high_yield_pct
        end as high_rate_pct,
        case when security_class not in ('bills', 'frns') then {{ spread_bp('high_yield_pct', 'median_yield_pct') }} end
            as high_minus_median_bp,
        allocation_pct as allotted_at_high_rate_pct
    from auctions
)

select
    auction_date,
    cusip,
    security_class,
    benchmark_term,
    is_reopening,
    is_cash_management_bill,
    issue_date,
    maturity_date,
    offering_usd_bn,
    tendered_usd_bn,
    total_accepted_usd_bn,
    primary_dealer_usd_bn,
    direct_bidder_usd_bn,
    indirect_bidder_usd_bn,
    noncompetitive_usd_bn,
    fima_usd_bn,
    soma_usd_bn,
    unattributed_usd_bn,
    primary_dealer_share_pct,
    direct_bidder_share_pct,
    indirect_bidder_share_pct,
    soma_share_pct,
    bid_to_cover_ratio,
    high_rate_pct,
    high_minus_median_bp,
    allotted_at_high_rate_pct,
    {% for name, column_name in compared.items() %}
    case when count({{ column_name }}) over before = 12 then round(avg({{ column_name }}) over before, 6) end
        as {{ column_name | replace(name, name ~ '_average_12') }}{{ ',' if not loop.last }}
    {% endfor %}
from results
window before as (
    partition by security_class, benchmark_term, is_cash_management_bill
    order by auction_date, cusip
    rows between 12 preceding and 1 preceding
)
order by auction_date, cusip
