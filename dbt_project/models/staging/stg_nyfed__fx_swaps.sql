with source as (
    select * from {{ source('nyfed', 'nyfed__fx_swaps') }}
    where {{ is_known() }}
),

renamed as (
    select
        counterparty,
        trade_date,
        settlement_date,
        maturity_date,
        repeat_count,
        term_days,
        amount_usd,
        interest_rate_pct,
        is_small_value,
        known_from,
        known_basis
    from source
),

final as (
    select * from renamed
)

select * from final
