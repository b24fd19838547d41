-- Who holds Treasuries by the financial accounts (Z.1), and next to four sectors what another publisher counts.
{#- sector -> series of the level, code of the transactions, kind. Parts make up the total with what is left over; a
    memo row is inside other rows. -#}
{% set sectors = {
    'households_and_nonprofits': ('HNOTSAQ027S', '153061105', 'part'),
    'foreign_official': ('BOGZ1FL263061130Q', '263061130', 'part'),
    'foreign_private': ('BOGZ1FL263061145Q', '263061145', 'part'),
    'fed': ('BOGZ1FL713061103Q', '713061103', 'part'),
    'banks_us_chartered': ('BOGZ1FL763061100Q', '763061100', 'part'),
    'money_funds': ('BOGZ1FL633061105Q', '633061105', 'part'),
    'mutual_funds': ('BOGZ1FL653061105Q', '653061105', 'part'),
    'private_pension_funds': ('BOGZ1FL573061105Q', '573061105', 'part'),
    'state_local_pension_funds': ('BOGZ1FL223061143Q', '223061143', 'part'),
    'life_insurers': ('BOGZ1FL543061105Q', '543061105', 'part'),
    'property_casualty_insurers': ('BOGZ1FL513061105Q', '513061105', 'part'),
    'state_local_governments': ('BOGZ1FL213061103Q', '213061103', 'part'),
    'dealers': ('BOGZ1FL663061105Q', '663061105', 'part'),
    'domestic_hedge_funds': ('BOGZ1FL623061103Q', '623061103', 'part'),
    'rest_of_world': ('ROWTSEQ027S', '263061105', 'memo'),
    'all_sectors': ('BOGZ1FL893061105Q', '313161105', 'total'),
} %}
{% set parts_count = sectors.values() | selectattr(2, 'equalto', 'part') | list | length %}
with observations as (
    select
        last_day(observation_date + interval 2 month) as quarter_date,
        series_id,
        value_canonical,
        -- A modelled time is that of a first print; the value can be of a later release.
        known_basis <> 'modelled' and known_from < timestamp '2026-09-11' as has_hedge_funds_in_households
    from {{ ref('stg_fred__observations') }}
    where
        value_canonical is not null
        and series_id in (
            '{{ sectors.values() | map('first') | join("', '") }}',
            {% for series_id, code, kind in sectors.values() %}
            'BOGZ1FU{{ code }}Q'{{ ',' if not loop.last }}
            {% endfor %}
        )
),

sectors as (
    {% for sector, (series_id, code, kind) in sectors.items() %}
    select
        '{{ sector }}' as sector, '{{ kind }}' as sector_kind,
        '{{ series_id }}' as series_id, 'BOGZ1FU{{ code }}Q' as transactions_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

published as (
    select
        levels.quarter_date,
        sectors.sector,
        -- Until that release households had hedge funds in them.
        case
            when sectors.sector = 'domestic_hedge_funds' and households.has_hedge_funds_in_households then 'memo'
            else sectors.sector_kind
        end as sector_kind,
        sectors.series_id,
        sectors.transactions_id,
        levels.value_canonical as held_usd_bn,
        transactions.value_canonical as net_purchases_usd_bn
    from sectors
    inner join observations as levels on sectors.series_id = levels.series_id
    left join observations as transactions
        on sectors.transactions_id = transactions.series_id and levels.quarter_date = transactions.quarter_date
    left join observations as households
        on
            households.series_id = '{{ sectors.households_and_nonprofits[0] }}'
            and levels.quarter_date = households.quarter_date
),

totals as (
    select
        quarter_date,
        {% for amount in ['held_usd_bn', 'net_purchases_usd_bn'] %}
        max({{ amount }}) filter (where sector_kind = 'total') as all_{{ amount }},
        -- What is left over is a holder only when every part is there.
        case
            when count({{ amount }}) filter (where sector_kind = 'part') = {{ parts_count }}
                - count(*) filter (where sector = 'domestic_hedge_funds' and sector_kind = 'memo')
                then sum({{ amount }}) filter (where sector_kind = 'part')
        end as parts_{{ amount }}{{ ',' if not loop.last }}
        {% endfor %}
    from published
    group by quarter_date
),

holders as (
    select
        quarter_date,
        sector,
        sector_kind,
        series_id,
        transactions_id,
        held_usd_bn,
        net_purchases_usd_bn
    from published

    union all

    select
        quarter_date,
        'other_sectors' as sector,
        'part' as sector_kind,
        null as series_id,
        null as transactions_id,
        {{ difference_bn('all_held_usd_bn - parts_held_usd_bn') }} as held_usd_bn,
        {{ difference_bn('all_net_purchases_usd_bn - parts_net_purchases_usd_bn') }} as net_purchases_usd_bn
    from totals
    where parts_held_usd_bn is not null and all_held_usd_bn is not null
),

-- Between the Wednesdays around the end of the quarter: in March 2020 six days were 300 billion.
wednesdays as (
    select
        observation_date as from_date,
        lead(observation_date) over (order by observation_date) as to_date,
        value_canonical as from_usd_bn,
        lead(value_canonical) over (order by observation_date) as to_usd_bn
    from {{ ref('stg_fred__observations') }}
    where series_id = 'TREAST' and value_canonical is not null
),

fed as (
    select
        quarters.quarter_date,
        {{ difference_bn(
            'from_usd_bn + (to_usd_bn - from_usd_bn) * (quarters.quarter_date - from_date) / (to_date - from_date)'
        ) }} as held_usd_bn
    from totals as quarters
    inner join wednesdays on quarters.quarter_date >= from_date and quarters.quarter_date < to_date
    where to_date - from_date <= 8
),

second_counts as (
    select
        quarter_date,
        'fed' as sector,
        'H.4.1, between two Wednesdays, face value' as second_count_basis,
        held_usd_bn
    from fed

    union all

    select
        month_date as quarter_date,
        'rest_of_world' as sector,
        'TIC, market value' as second_count_basis,
        holdings_usd_bn as held_usd_bn
    from {{ ref('foreign_holdings_monthly') }}
    where country = 'Grand Total'

    union all

    select
        report_date as quarter_date,
        'banks_us_chartered' as sector,
        'FDIC, all insured banks, book value' as second_count_basis,
        treasuries_usd_k / 1e6 as held_usd_bn
    from {{ ref('stg_fdic__call_report_treasuries') }}
    where cert = 'ALL'

    union all

    select
        observation_date as quarter_date,
        'money_funds' as sector,
        'OFR, form N-MFP, market value' as second_count_basis,
        value_canonical as held_usd_bn
    from {{ ref('stg_ofr__short_term_funding') }}
    where mnemonic = 'MMF-MMF_T_TOT-M'
)

select
    now.quarter_date,
    now.sector,
    now.sector_kind,
    now.series_id as z1_series,
    now.held_usd_bn,
    round(100 * now.held_usd_bn / totals.all_held_usd_bn, 4) as share_of_all_sectors_pct,
    {{ difference_bn('now.held_usd_bn - before.held_usd_bn') }} as held_change_usd_bn,
    {{ difference_bn('now.held_usd_bn - a_year_ago.held_usd_bn') }} as held_year_change_usd_bn,
    second_counts.second_count_basis,
    second_counts.held_usd_bn as second_count_usd_bn,
    {{ difference_bn('second_counts.held_usd_bn - now.held_usd_bn') }} as second_count_minus_z1_usd_bn,
    now.transactions_id as z1_transactions_series,
    now.net_purchases_usd_bn as z1_net_purchases_usd_bn,
    {{ difference_bn('now.held_usd_bn - before.held_usd_bn - now.net_purchases_usd_bn') }}
        as price_and_other_change_usd_bn
from holders as now
inner join totals on now.quarter_date = totals.quarter_date
left join holders as before
    on now.sector = before.sector and last_day(now.quarter_date - interval 3 month) = before.quarter_date
left join holders as a_year_ago
    on now.sector = a_year_ago.sector and last_day(now.quarter_date - interval 12 month) = a_year_ago.quarter_date
left join second_counts on now.sector = second_counts.sector and now.quarter_date = second_counts.quarter_date
order by now.quarter_date, now.sector
