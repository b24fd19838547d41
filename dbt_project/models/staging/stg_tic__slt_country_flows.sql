with source as (
    select * from {{ source('tic', 'tic__slt_country_flows') }}
    where {{ is_known() }}
),

renamed as (
    select
        country_code,
        country,
        month_date,
        treasury_position_usd_mn,
        net_purchases_usd_mn,
        long_term_position_usd_mn,
        long_term_net_purchases_usd_mn,
        long_term_valuation_change_usd_mn,
        short_term_position_usd_mn,
        short_term_net_purchases_usd_mn,
        known_from,
        known_basis
    from source
),

final as (
    select * from renamed
)

select * from final
