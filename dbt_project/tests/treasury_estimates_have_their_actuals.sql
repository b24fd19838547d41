-- What the Treasury borrowed in a quarter is in its next release: every estimate of a quarter that the newest release
-- looks back on has an actual.
select
    institution,
    period,
    published_date,
    estimate_usd_bn
from {{ ref('deficit_outlook') }}
where
    measure = 'privately_held_net_marketable_borrowing'
    and fiscal_year is null
    and actual_usd_bn is null
    and period_end_date < (
        select max(published_date) from {{ ref('deficit_outlook') }} where institution = 'US Treasury'
    )
