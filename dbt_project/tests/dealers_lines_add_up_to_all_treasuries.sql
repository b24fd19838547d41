-- Lines and what is not shown make the total of the survey, to the thousand dollars.
select
    wednesday_date,
    sum(net_position_usd_bn) filter (where bucket <> 'all_treasuries') as lines_usd_bn,
    max(net_position_usd_bn) filter (where bucket = 'all_treasuries') as all_usd_bn
from {{ ref('dealer_positions_weekly') }}
group by wednesday_date
having count(*) filter (where bucket = 'not_shown') = 1 and abs(lines_usd_bn - all_usd_bn) > 0.0001
