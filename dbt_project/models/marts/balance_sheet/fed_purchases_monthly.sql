-- What the desk bought, month by month, against what it had announced, against the change of the portfolio, and against
-- what the Treasury issued. The portfolio is known on Wednesdays alone, so its change runs between the last ones of two
-- months, and purchases are summed over the same days by settlement.
{% set kinds = {
    'bills': 'coalesce(bills_usd, 0)',
    'coupons': 'coalesce(notes_bonds_usd, 0) + coalesce(tips_usd, 0) + coalesce(frn_usd, 0)',
    'agency': 'coalesce(mbs_usd, 0) + coalesce(cmbs_usd, 0) + coalesce(agencies_usd, 0)',
} %}
with soma as (
    {% for kind, amount in kinds.items() %}
    select
        last_day(as_of_date) as month_date,
        '{{ kind }}' as security_kind,
        max(as_of_date) as soma_date,
        {{ last_by(usd_to_bn('(' ~ amount ~ ')'), 'as_of_date') }} as soma_par_usd_bn
    from {{ ref('stg_nyfed__soma_summary') }}
    group by 1
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

portfolio as (
    select
        this_month.*,
        last_month.soma_date as soma_from_date,
        this_month.soma_par_usd_bn - last_month.soma_par_usd_bn as soma_par_change_usd_bn
    from soma as this_month
    left join soma as last_month
        on
            this_month.security_kind = last_month.security_kind
            and last_day(this_month.month_date - interval 1 month) = last_month.month_date
),

operations as (
    select
        operation_date,
        settlement_date,
        case when operation_type like '%Bill%' then 'bills' else 'coupons' end as security_kind,
        case operation_direction when 'S' then -1 else 1 end * {{ usd_to_bn('accepted_usd') }} as bought_usd_bn
    from {{ ref('stg_nyfed__treasury_operations') }}
),

-- Before the first operation held nothing is known; after it a month without one is a month without purchases.
first_operation as (
    select min(operation_date) as first_date
    from operations
),

by_month as (
    select
        last_day(settlement_date) as month_date,
        security_kind,
        sum(bought_usd_bn) as bought_usd_bn,
        count(*) as operations_count
    from operations
    group by 1, 2
),

by_soma as (
    select
        portfolio.month_date,
        portfolio.security_kind,
        sum(operations.bought_usd_bn) as bought_usd_bn
    from portfolio
    inner join operations
        on
            portfolio.security_kind = operations.security_kind
            and operations.settlement_date > portfolio.soma_from_date
            and operations.settlement_date <= portfolio.soma_date
    group by portfolio.month_date, portfolio.security_kind
),

-- A schedule runs from the middle of a month to the middle of the next: each month has the part of its days.
announced as (
    select
        portfolio.month_date,
        sum(
            schedule.reserve_management_usd_bn
            * (
                least(portfolio.month_date, schedule.period_end_date)
                - greatest(cast(date_trunc('month', portfolio.month_date) as date), schedule.period_start_date) + 1
            ) / (schedule.period_end_date - schedule.period_start_date + 1)
        ) as announced_usd_bn,
        max(schedule.period_end_date) as announced_to_date,
        bool_and(schedule.is_verified) as is_announced_verified
    from portfolio
    inner join {{ ref('stg_policy__rmp_schedule') }} as schedule
        on
            schedule.period_start_date <= portfolio.month_date
            and schedule.period_end_date >= date_trunc('month', portfolio.month_date)
    where portfolio.security_kind = 'bills'
    group by portfolio.month_date
),

issued as (
    select
        period_end_date as month_date,
        bills_net_usd_bn,
        net_issuance_ex_accretion_usd_bn - bills_net_usd_bn as coupons_net_usd_bn
    from {{ ref('treasury_issuance_period') }}
    where period_kind = 'calendar_month' and is_complete
),

joined as (
    select
        portfolio.*,
        case
            when
                portfolio.security_kind <> 'agency'
                and date_trunc('month', portfolio.month_date) > first_operation.first_date
                then coalesce(by_month.bought_usd_bn, 0)
        end as bought_usd_bn,
        case
            when
                portfolio.security_kind <> 'agency'
                and date_trunc('month', portfolio.month_date) > first_operation.first_date
                then coalesce(by_month.operations_count, 0)
        end as operations_count,
        case
            when portfolio.security_kind <> 'agency' and portfolio.soma_from_date >= first_operation.first_date
                then coalesce(by_soma.bought_usd_bn, 0)
        end as bought_between_usd_bn,
        announced.announced_usd_bn,
        announced.announced_to_date,
        announced.is_announced_verified,
        case portfolio.security_kind
            when 'bills' then issued.bills_net_usd_bn
            when 'coupons' then issued.coupons_net_usd_bn
        end as net_issuance_usd_bn,
        case when portfolio.security_kind = 'bills' then -agency.soma_par_change_usd_bn end as agency_principal_usd_bn
    from portfolio
    cross join first_operation
    left join by_month
        on portfolio.month_date = by_month.month_date and portfolio.security_kind = by_month.security_kind
    left join by_soma
        on portfolio.month_date = by_soma.month_date and portfolio.security_kind = by_soma.security_kind
    left join announced on portfolio.month_date = announced.month_date and portfolio.security_kind = 'bills'
    left join portfolio as agency on portfolio.month_date = agency.month_date and agency.security_kind = 'agency'
    left join issued on portfolio.month_date = issued.month_date
),

final as (
    select
        *,
        case
            when announced_to_date >= month_date and bought_usd_bn is not null
                then greatest(least(announced_usd_bn, bought_usd_bn), 0)
        end as for_reserves_usd_bn
    from joined
)

select
    month_date,
    security_kind,
    {{ difference_bn('bought_usd_bn') }} as bought_usd_bn,
    cast(operations_count as integer) as operations_count,
    {{ difference_bn('announced_usd_bn') }} as announced_reserve_management_usd_bn,
    announced_to_date,
    is_announced_verified,
    {{ difference_bn('for_reserves_usd_bn') }} as for_reserve_management_usd_bn,
    {{ difference_bn('bought_usd_bn - for_reserves_usd_bn') }} as reinvested_usd_bn,
    {{ difference_bn('agency_principal_usd_bn') }} as agency_principal_usd_bn,
    soma_from_date,
    soma_date,
    {{ difference_bn('soma_par_usd_bn') }} as soma_par_usd_bn,
    {{ difference_bn('soma_par_change_usd_bn') }} as soma_par_change_usd_bn,
    {{ difference_bn('bought_between_usd_bn') }} as settled_in_soma_usd_bn,
    {{ difference_bn('soma_par_change_usd_bn - bought_between_usd_bn') }} as other_soma_change_usd_bn,
    {{ difference_bn('net_issuance_usd_bn') }} as net_issuance_of_kind_usd_bn,
    -- A share of a net that is nearly nothing says nothing.
    case when net_issuance_usd_bn >= 1 then round(100 * bought_usd_bn / net_issuance_usd_bn, 4) end
        as share_of_net_issuance_pct
from final
order by month_date, security_kind
