-- Net marketable issuance of a quarter and who took it: by transactions where a publisher has them (TIC abroad, Z.1 for
-- the Fed, banks, money funds and dealers), else by the change of a position; `_basis` says which. What is left is never
-- spread over the others: the transactions of the sectors that only Z.1 counts open it up, and the rest is stated.
{% set buyers = [
    'fed', 'big_four_banks', 'other_banks', 'money_funds', 'foreign_official', 'foreign_private_ex_cayman', 'cayman',
    'dealers'
] %}
{#- Sectors of Z.1 that are no buyer above, then those that are. -#}
{% set unreported = {
    'households': ['households_and_nonprofits'],
    'hedge_funds': ['domestic_hedge_funds'],
    'mutual_funds': ['mutual_funds'],
    'pension_funds': ['private_pension_funds', 'state_local_pension_funds'],
    'insurers': ['life_insurers', 'property_casualty_insurers'],
    'state_local_governments': ['state_local_governments'],
} %}
{% set z1_sectors = dict(unreported, **{
    'all': ['all_sectors'], 'fed': ['fed'], 'banks': ['banks_us_chartered'], 'money_funds': ['money_funds'],
    'dealers': ['dealers'], 'rest_of_world': ['rest_of_world'], 'official': ['foreign_official'],
    'private': ['foreign_private'],
}) %}
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

-- Weekly positions: the last report of the quarter, at most six days before its end, and the first one after it. What
-- moved in between is the most that the last days can have put on the wrong side, while it moves one way.
weekly as (
    select
        'fed' as holder,
        observation_date as wednesday_date,
        value_canonical as level_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id = 'TREAST'

    union all

    select
        'dealers' as holder,
        as_of_date as wednesday_date,
        {{ usd_mn_to_bn('value_usd_mn') }} as level_usd_bn
    from {{ ref('stg_nyfed__primary_dealer_statistics') }}
    where key_id = 'PDPOSGST-TOT'
),

wednesdays as (
    select
        quarter_ends.quarter_date,
        {% for holder in ['fed', 'dealers'] %}
        max(level_usd_bn) filter (
            where holder = '{{ holder }}' and wednesday_date <= quarter_ends.quarter_date
        ) as {{ holder }}_usd_bn,
        abs(
            max(level_usd_bn) filter (where holder = '{{ holder }}' and wednesday_date <= quarter_ends.quarter_date)
            - max(level_usd_bn) filter (where holder = '{{ holder }}' and wednesday_date > quarter_ends.quarter_date)
        ) as {{ holder }}_week_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from quarter_ends
    -- Thirteen days have two Wednesdays: the last on or before the quarter's end and the first after it.
    inner join weekly on weekly.wednesday_date between quarter_ends.quarter_date - 6 and quarter_ends.quarter_date + 7
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
        {% for name, code in [('foreign', '99996'), ('official', '99990'), ('cayman', '36137')] %}
        case
            when count(net_purchases_usd_mn) filter (where country_code = '{{ code }}') = 3
                then sum(net_purchases_usd_mn) filter (where country_code = '{{ code }}') / 1e3
        end as {{ name }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_tic__slt_country_flows') }}
    group by 1
),

-- Transactions of the financial accounts, to the last day of the quarter.
accounts as (
    select
        quarter_date,
        {% for name, members in z1_sectors.items() %}
        case
            when count(z1_net_purchases_usd_bn) filter (where sector in ('{{ members | join("', '") }}'))
                = {{ members | length }}
                then sum(z1_net_purchases_usd_bn) filter (where sector in ('{{ members | join("', '") }}'))
        end as {{ name }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('treasury_holders_quarterly') }}
    group by quarter_date
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
        wednesdays.fed_usd_bn as fed,
        wednesdays.fed_week_usd_bn as fed_week,
        banks.big_four_usd_bn as big_four_banks,
        banks.all_banks_usd_bn - banks.big_four_usd_bn as other_banks,
        money_funds.level_usd_bn as money_funds,
        wednesdays.dealers_usd_bn as dealers,
        wednesdays.dealers_week_usd_bn as dealers_week,
        futures.level_usd_bn as futures
    from quarter_ends
    left join wednesdays on quarter_ends.quarter_date = wednesdays.quarter_date
    left join banks on quarter_ends.quarter_date = banks.quarter_date
    left join money_funds on quarter_ends.quarter_date = money_funds.quarter_date
    left join futures on quarter_ends.quarter_date = futures.quarter_date
),

-- By transactions and by positions. All foreigners of a quarter are from one source, so that they add up to its total.
counts as (
    select
        issuance.*,
        accounts.fed_usd_bn as fed_bought,
        now.fed - before.fed as fed_moved,
        now.fed_week + before.fed_week as fed_weeks,
        cast(null as double) as big_four_banks_bought,
        now.big_four_banks - before.big_four_banks as big_four_banks_moved,
        accounts.banks_usd_bn - (now.big_four_banks - before.big_four_banks) as other_banks_bought,
        now.other_banks - before.other_banks as other_banks_moved,
        accounts.money_funds_usd_bn as money_funds_bought,
        now.money_funds - before.money_funds as money_funds_moved,
        accounts.dealers_usd_bn as dealers_bought,
        now.dealers - before.dealers as dealers_moved,
        now.dealers_week + before.dealers_week as dealers_weeks,
        purchases.official_usd_bn + purchases.cayman_usd_bn + purchases.foreign_usd_bn is not null
            as has_purchases,
        accounts.official_usd_bn + accounts.private_usd_bn is not null as has_accounts,
        purchases.official_usd_bn as official_purchases,
        purchases.cayman_usd_bn as cayman_purchases,
        purchases.foreign_usd_bn - purchases.official_usd_bn - purchases.cayman_usd_bn as private_purchases,
        accounts.official_usd_bn as official_accounts,
        accounts.private_usd_bn - abroad.cayman_usd_bn as private_accounts,
        abroad.official_usd_bn as official_moved,
        -- Treasuries held through the Cayman Islands are taken as private; official holders have no need of them.
        abroad.total_usd_bn - abroad.official_usd_bn - abroad.cayman_usd_bn as private_moved,
        abroad.cayman_usd_bn as cayman_moved,
        accounts.all_usd_bn - accounts.fed_usd_bn - accounts.banks_usd_bn - accounts.money_funds_usd_bn
        - accounts.dealers_usd_bn - accounts.rest_of_world_usd_bn as unreported_usd_bn,
        {% for name in unreported %}
        accounts.{{ name }}_usd_bn as {{ name }}_usd_bn,
        {% endfor %}
        now.futures - before.futures as futures_moved
    from issuance
    left join levels as now on issuance.quarter_date = now.quarter_date
    left join levels as before on last_day(issuance.quarter_date - interval 3 month) = before.quarter_date
    left join abroad on issuance.quarter_date = abroad.quarter_date
    left join purchases on issuance.quarter_date = purchases.quarter_date
    left join accounts on issuance.quarter_date = accounts.quarter_date
),

changes as (
    select
        quarter_date,
        {{ difference_bn('net_issuance_usd_bn') }} as net_issuance_usd_bn,
        net_issuance_ex_accretion_usd_bn,
        {% for buyer in ['fed', 'big_four_banks', 'other_banks', 'money_funds', 'dealers'] %}
        {{ difference_bn('coalesce(' ~ buyer ~ '_bought, ' ~ buyer ~ '_moved)') }} as {{ buyer }}_usd_bn,
        {% endfor %}
        {% for buyer, name in [
            ('foreign_official', 'official'), ('foreign_private_ex_cayman', 'private'), ('cayman', 'cayman')
        ] %}
        {{ difference_bn(
            'case when has_purchases then ' ~ name ~ '_purchases'
            ~ (' when has_accounts then ' ~ name ~ '_accounts' if name != 'cayman' else '')
            ~ ' else ' ~ name ~ '_moved end'
        ) }} as {{ buyer }}_usd_bn,
        {% endfor %}
        case when fed_bought is not null then 'transactions' else 'par_with_accretion' end as fed_basis,
        'valuation' as big_four_banks_basis,
        case when other_banks_bought is not null then 'transactions_less_valuation' else 'valuation' end
            as other_banks_basis,
        case when money_funds_bought is not null then 'transactions' else 'valuation' end as money_funds_basis,
        case when has_purchases or has_accounts then 'transactions' else 'valuation' end as foreign_official_basis,
        case
            when has_purchases then 'transactions' when has_accounts then 'transactions_less_valuation' else 'valuation'
        end as foreign_private_ex_cayman_basis,
        case when has_purchases then 'transactions' else 'valuation' end as cayman_basis,
        case when dealers_bought is not null then 'transactions' else 'valuation' end as dealers_basis,
        -- The last day of a quarter is no Wednesday: bounded where the Wednesdays are used.
        {{ difference_bn('case when fed_bought is null then fed_weeks else 0 end') }} as fed_timing_bound_usd_bn,
        {{ difference_bn('case when dealers_bought is null then dealers_weeks else 0 end') }}
            as dealers_timing_bound_usd_bn,
        {{ difference_bn('unreported_usd_bn') }} as unreported_net_purchases_usd_bn,
        {% for name in unreported %}
        {{ difference_bn(name ~ '_usd_bn') }} as {{ name }}_net_purchases_usd_bn,
        {% endfor %}
        {{ difference_bn('futures_moved') }} as leveraged_futures_net_short_change_usd_bn
    from counts
),

residuals as (
    select
        *,
        {{ difference_bn(
            'net_issuance_usd_bn - ' ~ buyers | join('_usd_bn - ') ~ '_usd_bn'
        ) }} as residual_usd_bn
    from changes
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
    changes.residual_usd_bn,
    {% for buyer in buyers %}
    changes.{{ buyer }}_basis,
    {% endfor %}
    {{ difference_bn('purchases.foreign_usd_bn') }} as foreign_net_purchases_usd_bn,
    {{ difference_bn('purchases.cayman_usd_bn') }} as cayman_net_purchases_usd_bn,
    {{ difference_bn('fed_note.quarterly_mean_usd_bn') }} as fed_note_cayman_net_purchases_mean_usd_bn,
    changes.leveraged_futures_net_short_change_usd_bn,
    cast(privately_held.borrowing_usd_bn as double) as privately_held_borrowing_usd_bn,
    {{ difference_bn('changes.net_issuance_ex_accretion_usd_bn - privately_held.borrowing_usd_bn') }}
        as fed_taken_from_treasury_usd_bn,
    changes.fed_timing_bound_usd_bn,
    changes.dealers_timing_bound_usd_bn,
    changes.unreported_net_purchases_usd_bn,
    {% for name in unreported %}
    changes.{{ name }}_net_purchases_usd_bn,
    {% endfor %}
    {{ difference_bn(
        'changes.unreported_net_purchases_usd_bn - changes.' ~ unreported | join('_net_purchases_usd_bn - changes.')
        ~ '_net_purchases_usd_bn'
    ) }} as other_sectors_net_purchases_usd_bn,
    {{ difference_bn('changes.residual_usd_bn - changes.unreported_net_purchases_usd_bn') }}
        as unexplained_residual_usd_bn
from residuals as changes
left join privately_held on changes.quarter_date = privately_held.period_end_date
left join purchases on changes.quarter_date = purchases.quarter_date
left join fed_note on changes.quarter_date between fed_note.period_start_date and fed_note.period_end_date
order by changes.quarter_date
