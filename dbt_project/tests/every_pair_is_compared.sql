{{ config(severity='warn') }}
-- A pair without a single row is a check that cannot fail: one of its series is not loaded, or a name has changed.
-- Advisory, because a warehouse may hold only some of the providers.
select
    pairs.pair,
    pairs.first_publisher,
    pairs.second_publisher
from {{ ref('stg_policy__reconciliation_pairs') }} as pairs
left join {{ ref('reconciliation') }} as compared on pairs.pair = compared.pair
where compared.pair is null
