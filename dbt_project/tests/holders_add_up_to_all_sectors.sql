-- Parts of a quarter that has all of them make the total, to the thousand dollars.
select
    quarter_date,
    sum(held_usd_bn) filter (where sector_kind = 'part') as parts_usd_bn,
    max(held_usd_bn) filter (where sector_kind = 'total') as all_usd_bn
from {{ ref('treasury_holders_quarterly') }}
group by quarter_date
having
    count(*) filter (where sector = 'other_sectors') = 1
    and abs(parts_usd_bn - all_usd_bn) > 0.0001
