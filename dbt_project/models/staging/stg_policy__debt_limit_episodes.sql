select
    binding_start_date,
    known_date,
    {{ if_past('resolved_date') }} as resolved_date,
    {{ if_past('resolved_date', 'resolution') }} as resolution,
    {{ if_past('resolved_date', 'limit_after_usd_bn') }} as limit_after_usd_bn,
    {{ if_past('resolved_date', 'is_suspended_after') }} as is_suspended_after,
    status,
    is_verified,
    source,
    {{ if_past('resolved_date', 'note') }} as note
from {{ ref('debt_limit_episodes') }}
where {{ is_public() }}
