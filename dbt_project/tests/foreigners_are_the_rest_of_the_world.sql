-- Official and private foreigners are the rest of the world, each printed to a million. Advisory: no body of Z.1 was
-- recorded.
{{ config(severity='warn') }}
select
    quarter_date,
    sum(held_usd_bn) filter (where sector in ('foreign_official', 'foreign_private')) as foreign_usd_bn,
    max(held_usd_bn) filter (where sector = 'rest_of_world') as rest_of_world_usd_bn
from {{ ref('treasury_holders_quarterly') }}
group by quarter_date
having
    count(*) filter (where sector in ('foreign_official', 'foreign_private')) = 2
    and abs(foreign_usd_bn - rest_of_world_usd_bn) > 0.01
