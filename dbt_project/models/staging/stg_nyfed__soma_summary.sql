select
    as_of_date,
    -- Holidays move it to Tuesday, of 2018 and 2019 once to Thursday: 14 of 1168 recorded weeks, none of them left.
    cast(date_trunc('week', as_of_date) as date) + 2 as wednesday_date,
    mbs_usd,
    cmbs_usd,
    tips_usd,
    frn_usd,
    tips_inflation_compensation_usd,
    notes_bonds_usd,
    bills_usd,
    agencies_usd,
    total_usd,
    known_from,
    known_basis
from {{ source('nyfed', 'nyfed__soma_summary') }}
where {{ is_known() }}
