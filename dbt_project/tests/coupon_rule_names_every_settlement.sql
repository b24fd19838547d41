{{ config(severity='warn') }}
-- The rule judges the days ahead, so it is held against every day on which settlement is known: notes and bonds paid
-- for by statement, or sold by auction, since floating-rate notes began in 2014-01. A day that comes up is a new habit
-- of the Treasury or an extra auction. The sample sells nothing on last Fridays, so there only half is compared.
select
    calendar_date,
    is_coupon_settlement,
    is_coupon_settlement_by_rule,
    coupon_settlement_basis
from {{ ref('int_calendar') }}
where
    calendar_date >= date '2014-02-01'
    and coupon_settlement_basis <> 'rule'
    and is_coupon_settlement {{ '>' if var('is_simulated') else '<>' }} is_coupon_settlement_by_rule
