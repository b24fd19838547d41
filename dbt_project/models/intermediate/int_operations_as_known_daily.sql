-- Take-up of the standing repo facility and ON RRP of the ten days before each moment, as known at it. The rules are those
-- of int_repo_operations and int_operations_daily, on the versions of the moment.
with operations as (
    select * from {{ ref('stg_meta__operation_versions') }}
),

{{ judged_repo_operations(['operation_id', 'known_from', 'known_to', 'known_basis']) }},

versions as (
    select
        judged.operation_id,
        judged.operation_date,
        judged.operation_type,
        judged.term,
        judged.policy_regime,
        {{ is_standing_repo() }} as is_standing_repo,
        judged.exercise_evidence is not null as is_exercise,
        judged.accepted_usd_bn,
        judged.known_from,
        judged.known_to,
        {{ basis_rank('judged.known_basis') }} as basis_rank
    from judged
),

days as (
    select
        effective_date,
        as_known_at,
        {{ days_back_from('effective_date', 10) }} as operation_date
    from {{ ref('int_known_moments') }}
),

{% set is_srf = 'is_standing_repo and not is_exercise' -%}
{% set is_on_rrp = "operation_type = 'Reverse Repo' and term = 'Overnight' and not is_exercise" -%}
summed as (
    select
        days.effective_date,
        days.as_known_at,
        days.operation_date,
        {{ srf_take_up_usd_bn() }} as srf_accepted_usd_bn,
        min(versions.basis_rank) filter (where {{ is_srf }}) as srf_basis_rank,
        max(versions.known_from) filter (where {{ is_srf }}) as srf_known_from,
        {{ on_rrp_of_operations_usd_bn() }} as on_rrp_usd_bn,
        min(versions.basis_rank) filter (where {{ is_on_rrp }}) as on_rrp_basis_rank,
        max(versions.known_from) filter (where {{ is_on_rrp }}) as on_rrp_known_from
    from days
    inner join versions on days.operation_date = versions.operation_date
    where {{ is_known_at('versions', 'days.as_known_at') }}
    group by days.effective_date, days.as_known_at, days.operation_date
),

published as (
    {{ values_as_known(['RRPONTSYD'], 10) }}
)

select
    coalesce(summed.effective_date, published.effective_date) as effective_date,
    coalesce(summed.as_known_at, published.as_known_at) as as_known_at,
    coalesce(summed.operation_date, published.value_date) as operation_date,
    summed.srf_accepted_usd_bn,
    summed.srf_basis_rank,
    summed.srf_known_from,
    coalesce(summed.on_rrp_usd_bn, published.value) as on_rrp_usd_bn,
    case when summed.on_rrp_usd_bn is null then published.basis_rank else summed.on_rrp_basis_rank end
        as on_rrp_basis_rank,
    case when summed.on_rrp_usd_bn is null then published.known_from else summed.on_rrp_known_from end
        as on_rrp_known_from
from summed
full outer join published
    on summed.effective_date = published.effective_date and summed.operation_date = published.value_date
