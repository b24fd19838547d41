{#- Generated from dbt_project/seeds/liquidity_definitions.yml by `liquidity generate`; do not edit. -#}
select
    definition_id,
    author,
    definition_title,
    definition_kind,
    frequency,
    definition_unit,
    published,
    fed_assets_factor,
    tga_level_factor,
    tga_week_average_factor,
    tga_statement_factor,
    on_rrp_outstanding_factor,
    fed_repo_factor,
    reserves_week_average_factor,
    bank_deposits_factor,
    constant_value,
    why_not_reproduced,
    status,
    is_verified,
    source,
    note
from {{ ref('liquidity_definitions') }}
