select
    period_start_date,
    period_end_date,
    known_date,
    monthly_schedules as schedules_count,
    reserve_management_usd_bn_month,
    reserve_management_usd_bn_month * monthly_schedules as reserve_management_usd_bn,
    agency_reinvestment_usd_bn_month,
    status,
    is_verified,
    source,
    note
from {{ ref('rmp_schedule') }}
where {{ is_public() }}
