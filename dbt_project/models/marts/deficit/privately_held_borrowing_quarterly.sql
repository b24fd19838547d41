-- What the Treasury had to find outside the Fed: net marketable issuance less what the Fed took at auctions beyond what
-- fell due to it. The Treasury states it a month later, and estimated it twice before. Purchases in the market change
-- who holds, not what is borrowed, so that they are taken off the change of the Fed's portfolio.
{% set measures = {
    'borrowing': 'privately_held_net_marketable_borrowing_estimate',
    'cash': 'assumed_end_of_quarter_cash_balance',
} %}
with estimates as (
    select
        period_end_date as quarter_date,
        period_start_date,
        published_date,
        measure,
        value_usd_bn
    from {{ ref('stg_policy__treasury_borrowing_estimates') }}
    where institution = 'US Treasury' and period like '____Q_'
),

-- The first of a quarter is published in the quarter before, the second in its own second month.
stated as (
    select
        quarter_date,
        {% for name, measure in measures.items() %}
        {{ first_by('value_usd_bn', 'published_date') }} filter (
            where measure = '{{ measure }}' and published_date < period_start_date
        ) as first_{{ name }}_usd_bn,
        {{ last_by('value_usd_bn', 'published_date') }} filter (
            where measure = '{{ measure }}' and published_date >= period_start_date
        ) as second_{{ name }}_usd_bn,
        {% endfor %}
        min(published_date) filter (where measure = '{{ measures.borrowing }}' and published_date < period_start_date)
            as first_estimate_date,
        max(published_date) filter (where measure = '{{ measures.borrowing }}' and published_date >= period_start_date)
            as second_estimate_date,
        max(value_usd_bn) filter (where measure = 'privately_held_net_marketable_borrowing_actual') as borrowing_usd_bn,
        max(value_usd_bn) filter (where measure = 'end_of_quarter_cash_balance_actual') as cash_usd_bn
    from estimates
    group by quarter_date
),

issuance as (
    select
        period_end_date as quarter_date,
        net_issuance_ex_accretion_usd_bn
    from {{ ref('treasury_issuance_period') }}
    where period_kind = 'calendar_quarter' and is_complete
),

cash as (
    select
        last_day(date_trunc('quarter', record_date) + interval 2 month) as quarter_date,
        {{ last_by('closing_balance_usd_bn', 'record_date') }} as closing_usd_bn
    from {{ ref('int_tga_daily') }}
    group by 1
    having max(record_date) >= last_day(date_trunc('quarter', max(record_date)) + interval 2 month) - 3
),

-- Inflation compensation that falls due is paid to the Fed, who rolls it or lets it go like par: the fall of the
-- compensation in a week in which TIPS fall. What accrued in that week is lost in it, some hundred million.
weeks as (
    select
        as_of_date,
        {{ usd_to_bn(
            '(coalesce(bills_usd, 0) + coalesce(notes_bonds_usd, 0) + coalesce(tips_usd, 0) + coalesce(frn_usd, 0))'
        ) }} as par_usd_bn,
        case
            when tips_usd < lag(tips_usd) over (order by as_of_date)
                then greatest(
                    {{ usd_to_bn('(lag(tips_inflation_compensation_usd) over (order by as_of_date)'
                        ~ ' - tips_inflation_compensation_usd)') }},
                    0
                )
            else 0
        end as compensation_usd_bn
    from {{ ref('stg_nyfed__soma_summary') }}
),

portfolio as (
    select
        as_of_date,
        par_usd_bn,
        sum(compensation_usd_bn) over (order by as_of_date) as compensation_to_date_usd_bn
    from weeks
),

-- Debt that falls due on the last day of a quarter is paid on it, or on the next business day. So the portfolio of the
-- first Wednesday from a business day on has it, and that of the last Wednesday before a weekend.
quarters as (
    select quarter_date from issuance
    union
    select quarter_date from stated
),

quarter_ends as (
    select
        quarters.quarter_date,
        case
            when calendar.is_business_day
                then min(case when portfolio.as_of_date >= quarters.quarter_date then portfolio.as_of_date end)
            else max(case when portfolio.as_of_date <= quarters.quarter_date then portfolio.as_of_date end)
        end as portfolio_date
    from (
        select quarter_date from quarters
        union
        select last_day(quarter_date - interval 3 month) from quarters
    ) as quarters
    left join {{ ref('int_calendar') }} as calendar on quarters.quarter_date = calendar.calendar_date
    left join portfolio
        on portfolio.as_of_date between quarters.quarter_date - 6 and quarters.quarter_date + 6
    group by quarters.quarter_date, calendar.is_business_day
),

operations as (
    select
        operation_date,
        settlement_date,
        case operation_direction when 'S' then -1 else 1 end * {{ usd_to_bn('accepted_usd') }} as bought_usd_bn
    from {{ ref('stg_nyfed__treasury_operations') }}
),

caps as (
    select
        effective_date,
        event,
        treasury_cap_usd_bn_month
    from {{ ref('stg_policy__qt_milestones') }}
),

-- No cap on what runs off at both ends: all that fell due was rolled over, whatever else was bought.
rolled_over as (
    select quarters.quarter_date
    from quarters
    {{ asof_left_join(
        'caps', 'from_cap', "last_day(quarters.quarter_date - interval 3 month)", 'effective_date'
    ) }}
    {{ asof_left_join('caps', 'to_cap', 'quarters.quarter_date', 'effective_date') }}
    where
        from_cap.effective_date is not null
        and coalesce(from_cap.treasury_cap_usd_bn_month, 0) = 0
        and coalesce(to_cap.treasury_cap_usd_bn_month, 0) = 0
),

spans as (
    select
        ends.quarter_date,
        starts.portfolio_date as portfolio_from_date,
        ends.portfolio_date
    from quarter_ends as ends
    inner join quarter_ends as starts on last_day(ends.quarter_date - interval 3 month) = starts.quarter_date
),

-- Where operations are not held: none were made while Treasuries ran off nor in the months before the second time,
-- exercises aside. Elsewhere they are unknown.
bought as (
    select
        spans.quarter_date,
        case
            when spans.portfolio_date is null then null
            when spans.portfolio_from_date >= (select min(operation_date) from operations)
                then coalesce(sum(operations.bought_usd_bn), 0)
            when
                max(to_cap.treasury_cap_usd_bn_month) > 0
                and (max(from_cap.treasury_cap_usd_bn_month) > 0 or max(from_cap.event) = 'net asset purchases end')
                then 0
        end as bought_usd_bn
    from spans
    left join operations
        on spans.portfolio_from_date < operations.settlement_date and spans.portfolio_date >= operations.settlement_date
    {{ asof_left_join('caps', 'from_cap', 'spans.portfolio_from_date', 'effective_date') }}
    {{ asof_left_join('caps', 'to_cap', 'spans.portfolio_date', 'effective_date') }}
    group by spans.quarter_date, spans.portfolio_from_date, spans.portfolio_date
),

final as (
    select
        quarters.quarter_date,
        issuance.net_issuance_ex_accretion_usd_bn,
        spans.portfolio_from_date,
        spans.portfolio_date,
        after_it.par_usd_bn - before_it.par_usd_bn as portfolio_change_usd_bn,
        bought.bought_usd_bn,
        after_it.compensation_to_date_usd_bn - before_it.compensation_to_date_usd_bn as compensation_usd_bn,
        stated.first_estimate_date,
        stated.second_estimate_date,
        stated.first_borrowing_usd_bn,
        stated.second_borrowing_usd_bn,
        stated.first_cash_usd_bn,
        stated.second_cash_usd_bn,
        stated.borrowing_usd_bn,
        stated.cash_usd_bn,
        cash.closing_usd_bn,
        case when rolled_over.quarter_date is not null then 0 end as fed_rolled_over_usd_bn
    from quarters
    left join rolled_over on quarters.quarter_date = rolled_over.quarter_date
    left join issuance on quarters.quarter_date = issuance.quarter_date
    left join spans on quarters.quarter_date = spans.quarter_date
    left join portfolio as before_it on spans.portfolio_from_date = before_it.as_of_date
    left join portfolio as after_it on spans.portfolio_date = after_it.as_of_date
    left join bought on quarters.quarter_date = bought.quarter_date
    left join stated on quarters.quarter_date = stated.quarter_date
    left join cash on quarters.quarter_date = cash.quarter_date
),

computed as (
    select
        *,
        coalesce(portfolio_change_usd_bn - bought_usd_bn - compensation_usd_bn, fed_rolled_over_usd_bn) as fed_usd_bn
    from final
)

select
    quarter_date,
    {{ difference_bn('net_issuance_ex_accretion_usd_bn') }} as net_issuance_ex_accretion_usd_bn,
    portfolio_from_date,
    portfolio_date,
    {{ difference_bn('portfolio_change_usd_bn') }} as fed_portfolio_change_usd_bn,
    {{ difference_bn('bought_usd_bn') }} as fed_outright_purchases_usd_bn,
    {{ difference_bn('compensation_usd_bn') }} as fed_compensation_redeemed_usd_bn,
    {{ difference_bn('fed_usd_bn') }} as fed_auctions_less_redemptions_usd_bn,
    {{ difference_bn('net_issuance_ex_accretion_usd_bn - fed_usd_bn') }} as computed_borrowing_usd_bn,
    cast(borrowing_usd_bn as double) as privately_held_borrowing_usd_bn,
    {{ difference_bn('net_issuance_ex_accretion_usd_bn - fed_usd_bn - borrowing_usd_bn') }}
        as computed_minus_stated_usd_bn,
    first_estimate_date,
    cast(first_borrowing_usd_bn as double) as first_estimate_usd_bn,
    second_estimate_date,
    cast(second_borrowing_usd_bn as double) as second_estimate_usd_bn,
    cast(borrowing_usd_bn - first_borrowing_usd_bn as double) as first_estimate_missed_by_usd_bn,
    cast(borrowing_usd_bn - second_borrowing_usd_bn as double) as second_estimate_missed_by_usd_bn,
    cast(first_cash_usd_bn as double) as first_assumed_cash_usd_bn,
    cast(second_cash_usd_bn as double) as second_assumed_cash_usd_bn,
    cast(cash_usd_bn as double) as stated_cash_usd_bn,
    {{ difference_bn('closing_usd_bn') }} as closing_cash_usd_bn,
    -- More cash than assumed is borrowing that no deficit asked for.
    cast(borrowing_usd_bn - second_borrowing_usd_bn - (cash_usd_bn - second_cash_usd_bn) as double)
        as second_estimate_missed_without_cash_usd_bn
from computed
order by quarter_date
