-- FRED repeats the repo operations of the day by kind of collateral, exercises included. Take-up is so small on most days
-- that it stays plausible a thousand times larger, and would then pass for a funding squeeze: only a second publisher
-- tells. How well the two agree is the pair srf_nyfed_fred; a hundredfold is another unit, whatever FRED counts. The
-- smallest operation that is possible, a million, is half a billion apart and more when it is read as a billion.
-- depends_on: {{ ref('int_repo_operations') }} (the mart of operations is held back, too)
select effective_date, repo_nyfed_usd_bn, repo_fred_usd_bn
from {{ ref('int_operations_daily') }}
where
    least(repo_nyfed_usd_bn, repo_fred_usd_bn) > 0
    and greatest(repo_nyfed_usd_bn, repo_fred_usd_bn) >= 100 * least(repo_nyfed_usd_bn, repo_fred_usd_bn)
    and abs(repo_nyfed_usd_bn - repo_fred_usd_bn) > 0.5
