-- Net marketable issuance of a quarter and who took it. Only issuance is a sum of transactions; the buyers are changes of
-- positions, most of them at market or book value, so the residual holds valuation as well as the buyers whom nobody
-- here reports (households, pension funds, hedge funds outside TIC). It is never spread over the others.
{% set buyers = [
    'fed', 'big_four_banks', 'other_banks', 'money_funds', 'foreign_official', 'foreign_private_ex_cayman', 'cayman',
    'dealers'
] %}
-- Whole quarters: the last day of one settles more than most of its weeks.
with issuance as (
    select
        period_end_date as quarter_date,
        net_issuance_with_accretion_usd_bn as net_issuance_usd_bn,
        net_issuance_ex_accretion_usd_bn
    from {{ ref('treasury_issuance_period') }}
    where period_kind = 'calendar_quarter' and is_complete
),

quarters as (
    select unnest(
        generate_series(
            (select min(quarter_date) from issuance) - interval 3 month,
            (select max(quarter_date) from issuance) + interval 5 day,
            interval 3 month
        )
    ) as some_day
),

quarter_ends as (
    select distinct last_day(cast(some_day as date)) as quarter_date
    from quarters
),

-- Weekly positions: the last report of the quarter, at most six days before its end.
fed as (
    select
        quarter_ends.quarter_date,
        {{ last_by('observations.value_canonical', 'observations.observation_date') }} as level_usd_bn
    from quarter_ends
    inner join {{ ref('stg_fred__observations') }} as observations
        on observations.observation_date between quarter_ends.quarter_date - 6 and quarter_ends.quarter_date
    where observations.series_id = 'TREAST'
    group by 1
),

dealers as (
    select
        quarter_ends.quarter_date,
        {{ last_by(usd_mn_to_bn('positions.value_usd_mn'), 'positions.as_of_date') }} as level_usd_bn
    from quarter_ends
    inner join {{ ref('stg_nyfed__primary_dealer_statistics') }} as positions
        on positions.as_of_date between quarter_ends.quarter_date - 6 and quarter_ends.quarter_date
    where positions.key_id = 'PDPOSGST-TOT'
    group by 1
),

banks as (
    select
        report_date as quarter_date,
        case
            when count(treasuries_usd_k) filter (where cert in ('628', '3510', '3511', '7213')) = 4
                then sum(treasuries_usd_k) filter (where cert in ('628', '3510', '3511', '7213')) / 1e6
        end as big_four_usd_bn,
        max(treasuries_usd_k) filter (where cert = 'ALL') / 1e6 as all_banks_usd_bn
    from {{ ref('stg_fdic__call_report_treasuries') }}
    group by report_date
),

money_funds as (
    select
        observation_date as quarter_date,
        value_canonical as level_usd_bn
    from {{ ref('stg_ofr__short_term_funding') }}
    where mnemonic = 'MMF-MMF_T_TOT-M'
),

-- TIC: a quarter is the sum of its three months' changes, each inside one file, because the files differ by revisions.
abroad as (
    select
        last_day(cast(date_trunc('quarter', month_date) + interval 2 month as date)) as quarter_date,
        {% for name, country in [
            ('total', 'Grand Total'), ('official', 'Foreign Official'), ('cayman', 'Cayman Islands')
        ] %}
        case
            when count(change_usd_bn) filter (where country = '{{ country }}') = 3
                then sum(change_usd_bn) filter (where country = '{{ country }}')
        end as {{ name }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('foreign_holdings_monthly') }}
    group by 1
),

purchases as (
    select
        last_day(cast(date_trunc('quarter', month_date) + interval 2 month as date)) as quarter_date,
        case
            when count(net_purchases_usd_mn) filter (where country_code = '99996') = 3
                then sum(net_purchases_usd_mn) filter (where country_code = '99996') / 1e3
        end as foreign_usd_bn,
        case
            when count(net_purchases_usd_mn) filter (where country_code = '36137') = 3
                then sum(net_purchases_usd_mn) filter (where country_code = '36137') / 1e3
        end as cayman_usd_bn
    from {{ ref('stg_tic__slt_country_flows') }}
    group by 1
),

futures as (
    select
        quarter_ends.quarter_date,
        {{ last_by('-positions.net_usd_bn', 'positions.report_date') }} as level_usd_bn
    from quarter_ends
    inner join {{ ref('basis_trade_total_weekly') }} as positions
        on positions.report_date between quarter_ends.quarter_date - 6 and quarter_ends.quarter_date
    group by 1
),

levels as (
    select
        quarter_ends.quarter_date,
        fed.level_usd_bn as fed,
        banks.big_four_usd_bn as big_four_banks,
        banks.all_banks_usd_bn - banks.big_four_usd_bn as other_banks,
        money_funds.level_usd_bn as money_funds,
        dealers.level_usd_bn as dealers,
        futures.level_usd_bn as futures
    from quarter_ends
    left join fed on quarter_ends.quarter_date = fed.quarter_date
    left join dealers on quarter_ends.quarter_date = dealers.quarter_date
    left join banks on quarter_ends.quarter_date = banks.quarter_date
    left join money_funds on quarter_ends.quarter_date = money_funds.quarter_date
    left join futures on quarter_ends.quarter_date = futures.quarter_date
),

changes as (
    select
        issuance.quarter_date,
        {{ difference_bn('issuance.net_issuance_usd_bn') }} as net_issuance_usd_bn,
        issuance.net_issuance_ex_accretion_usd_bn,
        {% for buyer in ['fed', 'big_four_banks', 'other_banks', 'money_funds', 'dealers'] %}
        {{ difference_bn('now.' ~ buyer ~ ' - before.' ~ buyer) }} as {{ buyer }}_usd_bn,
        {% endfor %}
        {{ difference_bn('abroad.official_usd_bn') }} as foreign_official_usd_bn,
        -- Treasuries held through the Cayman Islands are taken as private; official holders have no need of them.
        {{ difference_bn('abroad.total_usd_bn - abroad.official_usd_bn - abroad.cayman_usd_bn') }}
            as foreign_private_ex_cayman_usd_bn,
        {{ difference_bn('abroad.cayman_usd_bn') }} as cayman_usd_bn,
        {{ difference_bn('now.futures - before.futures') }} as leveraged_futures_net_short_change_usd_bn
    from issuance
    left join levels as now on issuance.quarter_date = now.quarter_date
    left join levels as before on last_day(issuance.quarter_date - interval 3 month) = before.quarter_date
    left join abroad on issuance.quarter_date = abroad.quarter_date
),

-- The Treasury counts what it borrowed of others than the Fed to the last day of the quarter: what is left of net issuance
-- is the Fed's part at auctions and maturity, without the shift of the last Wednesday.
privately_held as (
    select
        period_end_date,
        {{ last_by('value_usd_bn', 'known_date') }} as borrowing_usd_bn
    from {{ ref('stg_policy__treasury_borrowing_estimates') }}
    where measure = 'privately_held_net_marketable_borrowing_actual'
    group by period_end_date
),

-- The note of the Federal Reserve's staff gives one sum for its three years; a quarter gets its mean.
fed_note as (
    select
        period_start_date,
        period_end_date,
        value_usd_bn / (date_diff('quarter', period_start_date, period_end_date) + 1) as quarterly_mean_usd_bn
    from {{ ref('stg_policy__fed_note_treasury_basis') }}
    where measure = 'cayman_hedge_funds_net_purchases'
)

select
    changes.quarter_date,
    changes.net_issuance_usd_bn,
    {% for buyer in buyers %}
    changes.{{ buyer }}_usd_bn,
    {% endfor %}
    {{ difference_bn(
        'changes.net_issuance_usd_bn - changes.' ~ buyers | join('_usd_bn - changes.') ~ '_usd_bn'
    ) }} as residual_usd_bn,
    {% for buyer in buyers %}
    '{{ 'par_with_accretion' if buyer == 'fed' else 'valuation' }}' as {{ buyer }}_basis,
    {% endfor %}
    {{ difference_bn('purchases.foreign_usd_bn') }} as foreign_net_purchases_usd_bn,
    {{ difference_bn('purchases.cayman_usd_bn') }} as cayman_net_purchases_usd_bn,
    {{ difference_bn('fed_note.quarterly_mean_usd_bn') }} as fed_note_cayman_net_purchases_mean_usd_bn,
    changes.leveraged_futures_net_short_change_usd_bn,
    cast(privately_held.borrowing_usd_bn as double) as privately_held_borrowing_usd_bn,
    {{ difference_bn('changes.net_issuance_ex_accretion_usd_bn - privately_held.borrowing_usd_bn') }}
        as fed_taken_from_treasury_usd_bn
from changes
left join privately_held on changes.quarter_date = privately_held.period_end_date
left join purchases on changes.quarter_date = purchases.quarter_date
left join fed_note on changes.quarter_date between fed_note.period_start_date and fed_note.period_end_date
order by changes.quarter_date
