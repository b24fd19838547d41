{#- Generated from warehouse/meta.py by `liquidity generate`; do not edit. -#}
select
    dataset,
    series,
    dataset_title,
    effective_date,
    expected_at,
    expected_new_york,
    due_at,
    release_rule,
    state,
    came_at,
    came_basis,
    checked_at
from {{ source('meta', 'release') }}
where {{ was_written('checked_at') }}
