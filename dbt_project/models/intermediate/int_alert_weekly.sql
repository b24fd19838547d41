-- Each Wednesday of the Fed's balance sheet as it was first known, with the Wednesdays before it as they were known then.
{% set inputs = {'assets': 'WALCL', 'tga': 'WDTGAL', 'on_rrp': 'RRPONTSYD', 'reserves': 'WRBWFRBL', 'loans': 'WLCFLL'} %}
with versions as (
    select
        versions.input,
        -- On a Wednesday holiday the operation of the business day before is still outstanding.
        case
            when versions.input = 'RRPONTSYD' and not coalesce(tomorrow.is_business_day, true)
                and {{ weekday_number('versions.effective_date') }} = 2 then versions.effective_date + 1
            else versions.effective_date
        end as wednesday_date,
        versions.value,
        versions.known_from,
        versions.known_to,
        {{ basis_rank('versions.known_basis') }} as basis_rank
    from {{ ref('stg_meta__alert_versions') }} as versions
    left join {{ ref('int_calendar') }} as tomorrow on versions.effective_date + 1 = tomorrow.calendar_date
    where versions.input in ('{{ inputs.values() | join("', '") }}')
),

-- A quantity is judged when all that it is made of is known: net liquidity of three, the others of one.
judged as (
    select
        quantity.name as quantity,
        versions.wednesday_date,
        max(versions.first_known_at) as known_at
    from (
        select 'net_liquidity' as name, unnest(['WALCL', 'WDTGAL', 'RRPONTSYD']) as input
        union all
        select 'reserves' as name, 'WRBWFRBL' as input
        union all
        select 'loans' as name, 'WLCFLL' as input
    ) as quantity
    inner join (
        select input, wednesday_date, min(known_from) as first_known_at
        from versions
        group by input, wednesday_date
    ) as versions on quantity.input = versions.input
    group by quantity.name, versions.wednesday_date
    having count(*) = case when quantity.name = 'net_liquidity' then 3 else 1 end
),

levels as (
    select
        judged.quantity,
        judged.wednesday_date,
        judged.known_at,
        lags.weeks_back,
        count(*) as inputs_count,
        -- Rounded, because a sum depends on the order of its rows.
        {{ difference_bn(
            "sum(case when versions.input in ('WDTGAL', 'RRPONTSYD') then -versions.value else versions.value end)"
        ) }} as level_usd_bn,
        min(versions.basis_rank) as basis_rank
    from judged
    cross join (select unnest([0, 1, 4]) as weeks_back) as lags
    inner join versions
        on
            judged.wednesday_date - 7 * lags.weeks_back = versions.wednesday_date
            and versions.known_from <= judged.known_at
            and versions.known_to > judged.known_at
            and versions.input in (
                case judged.quantity
                    when 'net_liquidity' then 'WALCL' when 'reserves' then 'WRBWFRBL' else 'WLCFLL'
                end,
                case when judged.quantity = 'net_liquidity' then 'WDTGAL' end,
                case when judged.quantity = 'net_liquidity' then 'RRPONTSYD' end
            )
    group by judged.quantity, judged.wednesday_date, judged.known_at, lags.weeks_back
    having count(*) = case when judged.quantity = 'net_liquidity' then 3 else 1 end
)

select
    now_known.quantity,
    now_known.wednesday_date,
    now_known.known_at,
    now_known.level_usd_bn,
    {{ difference_bn('now_known.level_usd_bn - week_before.level_usd_bn') }} as week_change_usd_bn,
    {{ difference_bn('now_known.level_usd_bn - month_before.level_usd_bn') }} as four_week_change_usd_bn,
    least(
        now_known.basis_rank,
        coalesce(week_before.basis_rank, now_known.basis_rank),
        coalesce(month_before.basis_rank, now_known.basis_rank)
    ) as basis_rank
from levels as now_known
left join levels as week_before
    on
        now_known.quantity = week_before.quantity
        and now_known.wednesday_date = week_before.wednesday_date
        and week_before.weeks_back = 1
left join levels as month_before
    on
        now_known.quantity = month_before.quantity
        and now_known.wednesday_date = month_before.wednesday_date
        and month_before.weeks_back = 4
where now_known.weeks_back = 0
