select
    start_date,
    known_date,
    {{ if_past('end_date') }} as end_date,
    {{ if_past('end_date', 'days') }} as length_days,
    scope,
    status,
    is_verified,
    source,
    {{ if_past('end_date', 'note') }} as note
from {{ ref('government_shutdowns') }}
where {{ is_public() }}
