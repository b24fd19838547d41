-- Primary dealers' net position in Treasuries by line of the survey, and what finances it. A change never leaps from
-- one form of the survey to the next.
{% set buckets = {
    'bills': 'PDPOSGS-B',
    'frns': 'PDPOSGS-BFRN',
    'coupons_to_2y': 'PDPOSGSC-L2',
    'coupons_2y_to_3y': 'PDPOSGSC-G2L3',
    'coupons_3y_to_6y': 'PDPOSGSC-G3L6',
    'coupons_6y_to_7y': 'PDPOSGSC-G6L7',
    'coupons_7y_to_11y': 'PDPOSGSC-G7L11',
    'coupons_over_11y': 'PDPOSGSC-G11',
    'coupons_11y_to_21y': 'PDPOSGSC-G11L21',
    'coupons_over_21y': 'PDPOSGSC-G21',
    'tips_to_2y': 'PDPOSTIPS-L2',
    'tips_2y_to_6y': 'PDPOSTIPS-G2',
    'tips_6y_to_11y': 'PDPOSTIPS-G6L11',
    'tips_over_11y': 'PDPOSTIPS-G11',
    'all_treasuries': 'PDPOSGST-TOT',
} %}
with published as (
    select
        as_of_date as wednesday_date,
        case key_id
            {% for bucket, key_id in buckets.items() %}
            when '{{ key_id }}' then '{{ bucket }}'
            {% endfor %}
        end as bucket,
        series_break,
        {{ usd_mn_to_bn('value_usd_mn') }} as net_position_usd_bn
    from {{ ref('stg_nyfed__primary_dealer_statistics') }}
    where key_id in ('{{ buckets.values() | join("', '") }}')
),

totals as (
    select
        wednesday_date,
        max(series_break) as series_break,
        max(net_position_usd_bn) filter (where bucket = 'all_treasuries') as all_usd_bn,
        sum(net_position_usd_bn) filter (where bucket <> 'all_treasuries') as lines_usd_bn
    from published
    group by wednesday_date
),

positions as (
    select
        wednesday_date,
        bucket,
        series_break,
        net_position_usd_bn
    from published

    union all

    -- The publisher hides a line of few dealers; the total has it.
    select
        wednesday_date,
        'not_shown' as bucket,
        series_break,
        all_usd_bn - lines_usd_bn as net_position_usd_bn
    from totals
    where all_usd_bn is not null and lines_usd_bn is not null
),

{% set line_pairs = {
    'borrowed': ['PDSORA-UTSETTOT', 'PDSORA-UTSTTOT'], 'lent': ['PDSIRRA-UTSETTOT', 'PDSIRRA-UTSTTOT'],
    'deliver_fails': ['PDFTD-USTET', 'PDFTD-UST'], 'receive_fails': ['PDFTR-USTET', 'PDFTR-UST']
} %}
-- Two lines each: inflation-protected Treasuries, and the others.
financing as (
    select
        as_of_date as wednesday_date,
        {% for name, lines in line_pairs.items() %}
        case
            when count(*) filter (where key_id in ('{{ lines | join("', '") }}')) = 2
                then {{ usd_mn_to_bn(
                    "sum(value_usd_mn) filter (where key_id in ('" ~ lines | join("', '") ~ "'))"
                ) }}
        end as {{ name }}_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_nyfed__primary_dealer_statistics') }}
    where key_id in ('{{ line_pairs.values() | sum(start=[]) | join("', '") }}')
    group by as_of_date
),

volumes as (
    select
        effective_date,
        volume_usd_bn
    from {{ ref('stg_nyfed__reference_rates') }}
    where rate_type = 'SOFR'
)

select
    now.wednesday_date,
    now.bucket,
    now.series_break,
    {{ difference_bn('now.net_position_usd_bn') }} as net_position_usd_bn,
    {{ difference_bn('now.net_position_usd_bn - last_week.net_position_usd_bn') }} as net_position_change_usd_bn,
    case when now.bucket = 'all_treasuries' then {{ difference_bn('financing.borrowed_usd_bn') }} end
        as dealer_repo_borrowed_usd_bn,
    case when now.bucket = 'all_treasuries' then {{ difference_bn('financing.lent_usd_bn') }} end
        as dealer_reverse_repo_lent_usd_bn,
    case
        when now.bucket = 'all_treasuries' then {{ difference_bn('financing.borrowed_usd_bn - financing.lent_usd_bn') }}
    end as dealer_net_borrowed_usd_bn,
    round(100 * now.net_position_usd_bn / volumes.volume_usd_bn, 4) as net_position_to_sofr_volume_pct,
    case when now.bucket = 'all_treasuries' then round(100 * financing.borrowed_usd_bn / volumes.volume_usd_bn, 4) end
        as dealer_repo_borrowed_to_sofr_volume_pct,
    case when now.bucket = 'all_treasuries' then {{ difference_bn('financing.deliver_fails_usd_bn') }} end
        as fails_to_deliver_usd_bn,
    case when now.bucket = 'all_treasuries' then {{ difference_bn('financing.receive_fails_usd_bn') }} end
        as fails_to_receive_usd_bn,
    case when now.bucket = 'all_treasuries' then round(100 * financing.deliver_fails_usd_bn / financing.borrowed_usd_bn, 4) end
        as fails_to_deliver_to_repo_borrowed_pct
from positions as now
left join positions as last_week
    on
        now.bucket = last_week.bucket
        and now.wednesday_date - 7 = last_week.wednesday_date
        and now.series_break = last_week.series_break
left join financing on now.wednesday_date = financing.wednesday_date
left join volumes on now.wednesday_date = volumes.effective_date
order by now.wednesday_date, now.bucket
