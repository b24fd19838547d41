-- The daily statement summed over calendar months, quarters and years and over fiscal years. The statement lumps TIPS
-- and floating-rate notes into notes and bonds: auctions give their gross issues apart, the monthly statement of the
-- public debt how what is outstanding of them changed.
{% set classes = ['bills', 'notes', 'bonds', 'other'] %}
{#- Kind of period: its first day and its months. -#}
{% set kinds = {
    'calendar_month': ("date_trunc('month', effective_date)", 1),
    'calendar_quarter': ("date_trunc('quarter', effective_date)", 3),
    'calendar_year': ("date_trunc('year', effective_date)", 12),
    'fiscal_year': ("date_trunc('year', effective_date + interval 3 month) - interval 3 month", 12),
} %}
with days as (
    select
        effective_date,
        {% for debt_class in classes %}
        {{ debt_class }}_issues_usd_bn,
        {{ debt_class }}_redemptions_usd_bn,
        {{ debt_class }}_net_usd_bn,
        {% endfor %}
        tips_accretion_usd_bn,
        gross_issues_ex_accretion_usd_bn,
        redemptions_usd_bn,
        net_issuance_ex_accretion_usd_bn,
        net_issuance_with_accretion_usd_bn
    from {{ ref('treasury_issuance_daily') }}
),

periods as (
    {% for kind, (first_day, months) in kinds.items() %}
    select distinct
        '{{ kind }}' as period_kind,
        cast({{ first_day }} as date) as period_start_date,
        cast({{ first_day }} + interval {{ months }} month as date) - 1 as period_end_date
    from days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

sums as (
    select
        periods.period_kind,
        periods.period_start_date,
        periods.period_end_date,
        count(*) as statement_days,
        min(days.effective_date) as first_statement_date,
        max(days.effective_date) as last_statement_date,
        {% for debt_class in classes %}
        {% for what in ['issues', 'redemptions', 'net'] %}
        {{ difference_bn('sum(days.' ~ debt_class ~ '_' ~ what ~ '_usd_bn)') }} as {{ debt_class }}_{{ what }}_usd_bn,
        {% endfor %}
        {% endfor %}
        {{ difference_bn('sum(days.tips_accretion_usd_bn)') }} as tips_accretion_usd_bn,
        {{ difference_bn('sum(days.gross_issues_ex_accretion_usd_bn)') }} as gross_issues_ex_accretion_usd_bn,
        {{ difference_bn('sum(days.redemptions_usd_bn)') }} as redemptions_usd_bn,
        {{ difference_bn('sum(days.net_issuance_ex_accretion_usd_bn)') }} as net_issuance_ex_accretion_usd_bn,
        {{ difference_bn('sum(days.net_issuance_with_accretion_usd_bn)') }} as net_issuance_with_accretion_usd_bn
    from periods
    inner join days on days.effective_date between periods.period_start_date and periods.period_end_date
    group by 1, 2, 3
),

-- The calendar ends with what has been observed, so a running period is never mistaken for a whole one.
business_days as (
    select
        periods.period_kind,
        periods.period_start_date,
        count(*) as business_days,
        bool_or(calendar.is_last_business_day and last_day(calendar.calendar_date) = periods.period_end_date) as has_last_day
    from periods
    inner join {{ ref('int_calendar') }} as calendar
        on calendar.calendar_date between periods.period_start_date and periods.period_end_date
    where calendar.is_business_day
    group by 1, 2
),

-- Sold and paid for; an auction whose securities are delivered after the last statement is not yet debt.
auctions as (
    select
        issue_date,
        case when security_class in ('notes', 'bonds', 'other') then 'nominal_coupons' else security_class end
            as auction_class,
        total_accepted_usd_bn
    from {{ ref('treasury_auctions') }}
),

sold as (
    select
        sums.period_kind,
        sums.period_start_date,
        {% for auction_class in ['bills', 'nominal_coupons', 'tips', 'frns'] %}
        {{ difference_bn(
            "coalesce(sum(auctions.total_accepted_usd_bn) filter (where auctions.auction_class = '" ~ auction_class
            ~ "'), 0)"
        ) }} as {{ auction_class }}_gross_auctioned_usd_bn{{ ',' if not loop.last }}
        {% endfor %}
    from sums
    inner join auctions on auctions.issue_date between sums.period_start_date and sums.last_statement_date
    -- A period in which the auctions held begin would have too small a sum.
    where sums.period_start_date > (select min(issue_date) from auctions)
    group by 1, 2
),

outstanding as (
    select
        record_date,
        -- Inflation-protected notes and bonds had separate lines in older statements.
        {{ usd_mn_to_bn("sum(total_usd_mn) filter (
            where security_class_desc like '%Inflation-Protected%' or security_class_desc like '%Inflation-Indexed%'
        )") }} as tips_usd_bn,
        {{ usd_mn_to_bn("sum(total_usd_mn) filter (where security_class_desc like 'Floating Rate%')") }} as frns_usd_bn
    from {{ ref('stg_fiscaldata__mspd_table_1') }}
    where security_type_desc = 'Marketable'
    group by record_date
),

changes as (
    select
        sums.period_kind,
        sums.period_start_date,
        {{ difference_bn('at_end.tips_usd_bn - before.tips_usd_bn') }} as tips_outstanding_change_usd_bn,
        {{ difference_bn('at_end.frns_usd_bn - before.frns_usd_bn') }} as frns_outstanding_change_usd_bn
    from sums
    left join outstanding as at_end on sums.period_end_date = at_end.record_date
    left join outstanding as before on sums.period_start_date - 1 = before.record_date
)

select
    sums.period_kind,
    sums.period_start_date,
    sums.period_end_date,
    coalesce(business_days.has_last_day and sums.statement_days = business_days.business_days, false) as is_complete,
    cast(sums.statement_days as integer) as statement_days_count,
    cast(coalesce(business_days.business_days, 0) as integer) as business_days_count,
    sums.first_statement_date,
    sums.last_statement_date,
    {% for debt_class in classes %}
    {% for what in ['issues', 'redemptions', 'net'] %}
    sums.{{ debt_class }}_{{ what }}_usd_bn,
    {% endfor %}
    {% endfor %}
    {{ difference_bn('sums.notes_net_usd_bn + sums.bonds_net_usd_bn') }} as notes_and_bonds_net_usd_bn,
    sums.tips_accretion_usd_bn,
    sums.gross_issues_ex_accretion_usd_bn,
    {{ difference_bn('sums.gross_issues_ex_accretion_usd_bn - sums.bills_issues_usd_bn') }}
        as gross_issues_ex_bills_ex_accretion_usd_bn,
    sums.redemptions_usd_bn,
    {{ difference_bn('sums.redemptions_usd_bn - sums.bills_redemptions_usd_bn') }} as redemptions_ex_bills_usd_bn,
    sums.net_issuance_ex_accretion_usd_bn,
    sums.net_issuance_with_accretion_usd_bn,
    sold.bills_gross_auctioned_usd_bn,
    sold.nominal_coupons_gross_auctioned_usd_bn,
    sold.tips_gross_auctioned_usd_bn,
    sold.frns_gross_auctioned_usd_bn,
    changes.tips_outstanding_change_usd_bn,
    changes.frns_outstanding_change_usd_bn,
    {{ difference_bn('changes.tips_outstanding_change_usd_bn - sums.tips_accretion_usd_bn') }}
        as tips_net_ex_accretion_usd_bn,
    {{ difference_bn(
        'sums.notes_net_usd_bn + sums.bonds_net_usd_bn + sums.tips_accretion_usd_bn'
        ~ ' - changes.tips_outstanding_change_usd_bn - changes.frns_outstanding_change_usd_bn'
    ) }} as nominal_coupons_net_usd_bn
from sums
left join business_days
    on sums.period_kind = business_days.period_kind and sums.period_start_date = business_days.period_start_date
left join sold on sums.period_kind = sold.period_kind and sums.period_start_date = sold.period_start_date
left join changes on sums.period_kind = changes.period_kind and sums.period_start_date = changes.period_start_date
order by sums.period_kind, sums.period_start_date
