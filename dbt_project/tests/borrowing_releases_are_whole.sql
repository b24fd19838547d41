-- Each quarterly release of the Treasury names two quarters, the running and the next, with borrowing and assumed balance, and
-- what came of the quarter before. One that is missing, or half transcribed, leaves days on the estimate before it.
with releases as (
    select
        published_date,
        count(*) filter (where measure = 'privately_held_net_marketable_borrowing_estimate') as borrowing_estimates,
        count(*) filter (where measure = 'assumed_end_of_quarter_cash_balance') as assumed_balances,
        count(*) filter (where measure = 'privately_held_net_marketable_borrowing_actual') as borrowing_actuals,
        count(*) filter (where measure = 'end_of_quarter_cash_balance_actual') as balance_actuals,
        count(distinct period) as quarters,
        max(period_end_date) as last_quarter_end_date,
        lag(max(period_end_date)) over (order by published_date) as last_quarter_end_before_date
    from {{ ref('stg_policy__treasury_borrowing_estimates') }}
    where institution = 'US Treasury'
    group by published_date
)

select *
from releases
where
    borrowing_estimates <> 2
    or assumed_balances <> 2
    or borrowing_actuals <> 1
    or balance_actuals <> 1
    or quarters <> 3
    or last_quarter_end_date <> last_day(date_trunc('quarter', published_date) + interval 5 month)
    or last_quarter_end_date <> last_day(last_quarter_end_before_date + interval 3 month)
