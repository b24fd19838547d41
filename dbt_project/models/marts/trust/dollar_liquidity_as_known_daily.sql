with moments as (
    select effective_date, as_known_at
    from {{ ref('int_known_moments') }}
),

-- The last four Wednesdays of each moment. On a Wednesday holiday the reverse repo of the business day before is still
-- outstanding, as in dollar_liquidity_daily.
wednesdays as (
    select
        moments.effective_date,
        moments.as_known_at,
        calendar.calendar_date as wednesday_date,
        case when calendar.is_business_day then calendar.calendar_date else calendar.previous_business_date end
            as on_rrp_date
    from (
        select
            effective_date,
            as_known_at,
            effective_date - cast(({{ weekday_number('effective_date') }} + 4) % 7 + 7 * lags.weeks_back as integer)
                as wednesday_date
        from moments
        cross join (select {{ whole_numbers(0, 3) }} as weeks_back) as lags
    ) as moments
    inner join {{ ref('int_calendar') }} as calendar on moments.wednesday_date = calendar.calendar_date
),

versions as (
    select
        input,
        effective_date,
        value,
        known_from,
        known_to,
        {{ basis_rank('known_basis') }} as basis_rank
    from {{ ref('stg_meta__alert_versions') }}
    where input in ('WALCL', 'WDTGAL', 'RRPONTSYD')
),

levels as (
    select
        wednesdays.effective_date,
        wednesdays.as_known_at,
        wednesdays.wednesday_date,
        assets.value as assets_usd_bn,
        tga.value as tga_usd_bn,
        on_rrp.value as on_rrp_usd_bn,
        {{ difference_bn('assets.value - tga.value - on_rrp.value') }} as net_liquidity_usd_bn,
        assets.basis_rank as assets_basis_rank,
        assets.known_from as assets_known_from,
        least(assets.basis_rank, tga.basis_rank, on_rrp.basis_rank) as basis_rank,
        greatest(assets.known_from, tga.known_from, on_rrp.known_from) as known_from
    from wednesdays
    inner join versions as assets
        on
            assets.input = 'WALCL' and wednesdays.wednesday_date = assets.effective_date
            and {{ is_known_at('assets', 'wednesdays.as_known_at') }}
    left join versions as tga
        on
            tga.input = 'WDTGAL' and wednesdays.wednesday_date = tga.effective_date
            and {{ is_known_at('tga', 'wednesdays.as_known_at') }}
    left join versions as on_rrp
        on
            on_rrp.input = 'RRPONTSYD' and wednesdays.on_rrp_date = on_rrp.effective_date
            and {{ is_known_at('on_rrp', 'wednesdays.as_known_at') }}
),

newest_wednesday as (
    select effective_date, max(wednesday_date) as wednesday_date
    from levels
    where net_liquidity_usd_bn is not null and wednesday_date >= effective_date - 20
    group by effective_date
),

bridge as (
    select
        this_week.*,
        {{ difference_bn('this_week.net_liquidity_usd_bn - last_week.net_liquidity_usd_bn') }}
            as net_liquidity_change_usd_bn,
        least(this_week.basis_rank, last_week.basis_rank) as weakest_rank,
        greatest(this_week.known_from, last_week.known_from) as inputs_known_from
    from newest_wednesday
    inner join levels as this_week
        on
            newest_wednesday.effective_date = this_week.effective_date
            and newest_wednesday.wednesday_date = this_week.wednesday_date
    left join levels as last_week
        on
            newest_wednesday.effective_date = last_week.effective_date
            and newest_wednesday.wednesday_date - 7 = last_week.wednesday_date
            and last_week.net_liquidity_usd_bn is not null
),

cash as (
    {{ values_as_known(['tga'], 10) }}
),

-- Assets of the last Wednesday, at most 9 days before the day, with the day's balance and reverse repo.
candidates as (
    select
        cash.effective_date,
        cash.as_known_at,
        cash.value_date,
        cash.value as tga_usd_bn,
        operations.on_rrp_usd_bn,
        max(levels.wednesday_date) as assets_as_of_date,
        {{ last_by('levels.assets_usd_bn', 'levels.wednesday_date') }} as assets_usd_bn,
        least(
            cash.basis_rank,
            operations.on_rrp_basis_rank,
            {{ last_by('levels.assets_basis_rank', 'levels.wednesday_date') }}
        ) as basis_rank,
        greatest(
            cash.known_from,
            operations.on_rrp_known_from,
            {{ last_by('levels.assets_known_from', 'levels.wednesday_date') }}
        ) as known_from
    from cash
    inner join {{ ref('int_operations_as_known_daily') }} as operations
        on
            cash.effective_date = operations.effective_date
            and cash.value_date = operations.operation_date
            and operations.on_rrp_usd_bn is not null
    inner join levels
        on
            cash.effective_date = levels.effective_date
            and levels.wednesday_date between cash.value_date - 9 and cash.value_date
    group by
        cash.effective_date, cash.as_known_at, cash.value_date, cash.value, cash.basis_rank, cash.known_from,
        operations.on_rrp_usd_bn, operations.on_rrp_basis_rank, operations.on_rrp_known_from
),

newest_day as (
    select effective_date, max(value_date) as value_date
    from candidates
    group by effective_date
),

nowcast as (
    select
        candidates.*,
        {{ difference_bn('candidates.assets_usd_bn - candidates.tga_usd_bn - candidates.on_rrp_usd_bn') }}
            as net_liquidity_usd_bn
    from candidates
    inner join newest_day
        on candidates.effective_date = newest_day.effective_date and candidates.value_date = newest_day.value_date
)

select
    moments.effective_date,
    moments.as_known_at,
    nowcast.value_date as nowcast_as_of_date,
    nowcast.assets_usd_bn as nowcast_assets_as_known_usd_bn,
    nowcast.tga_usd_bn as nowcast_tga_as_known_usd_bn,
    nowcast.on_rrp_usd_bn as nowcast_on_rrp_as_known_usd_bn,
    nowcast.net_liquidity_usd_bn as net_liquidity_nowcast_as_known_usd_bn,
    same_day.net_liquidity_nowcast_usd_bn as net_liquidity_nowcast_now_usd_bn,
    {{ difference_bn('same_day.net_liquidity_nowcast_usd_bn - nowcast.net_liquidity_usd_bn') }}
        as net_liquidity_nowcast_revision_usd_bn,
    bridge.wednesday_date as wednesday_as_of_date,
    bridge.assets_usd_bn as wednesday_assets_as_known_usd_bn,
    bridge.tga_usd_bn as wednesday_tga_as_known_usd_bn,
    bridge.on_rrp_usd_bn as wednesday_on_rrp_as_known_usd_bn,
    bridge.net_liquidity_usd_bn as net_liquidity_wednesday_as_known_usd_bn,
    same_wednesday.net_liquidity_wednesday_usd_bn as net_liquidity_wednesday_now_usd_bn,
    {{ difference_bn('same_wednesday.net_liquidity_wednesday_usd_bn - bridge.net_liquidity_usd_bn') }}
        as net_liquidity_wednesday_revision_usd_bn,
    bridge.net_liquidity_change_usd_bn as net_liquidity_wednesday_change_as_known_usd_bn,
    same_wednesday.net_liquidity_wednesday_change_usd_bn as net_liquidity_wednesday_change_now_usd_bn,
    {{ knowledge_basis('least(nowcast.basis_rank, bridge.weakest_rank)') }} as weakest_known_basis,
    greatest(nowcast.known_from, bridge.inputs_known_from) as inputs_known_from
from moments
left join nowcast on moments.effective_date = nowcast.effective_date
left join bridge on moments.effective_date = bridge.effective_date
left join {{ ref('dollar_liquidity_daily') }} as same_day on nowcast.value_date = same_day.effective_date
left join {{ ref('dollar_liquidity_daily') }} as same_wednesday on bridge.wednesday_date = same_wednesday.effective_date
where nowcast.value_date is not null or bridge.wednesday_date is not null
order by moments.effective_date
