-- One row a country and month out of two files that overlap. The current table speaks for its whole month, never for
-- single countries: one that dropped out of its list is inside its "All Other" and would count twice. A file
-- that holds a part of the list only (an excerpt, without "All Other") hides no whole one. Changes are taken inside one
-- file, because the files differ by revisions (United Kingdom, December 2025: 863.1 and 866.0).
with files as (
    select
        source_table,
        case source_table when 'slt_table5' then 1 else 2 end as source_rank,
        country,
        month_date,
        date_trunc('month', month_date) as month_start,
        row_kind,
        holdings_usd_bn
    from {{ ref('stg_tic__major_foreign_holders') }}
),

lists as (
    select
        month_start,
        source_rank,
        max(case when country = 'All Other' then 1 else 0 end) = 1 as is_whole
    from files
    group by month_start, source_rank
),

speaking as (
    select
        month_start,
        coalesce(min(case when is_whole then source_rank end), min(source_rank)) as source_rank
    from lists
    group by month_start
),

changes as (
    select
        this_month.country,
        this_month.month_start,
        this_month.source_rank,
        this_month.holdings_usd_bn - last_month.holdings_usd_bn as change_usd_bn
    from files as this_month
    inner join files as last_month
        on
            this_month.source_table = last_month.source_table
            and this_month.country = last_month.country
            and this_month.month_start = last_month.month_start + interval '1 month'
),

newest_changes as (
    select
        country,
        month_start,
        {{ first_by('change_usd_bn', 'source_rank') }} as change_usd_bn
    from changes
    group by country, month_start
)

select
    files.month_date,
    files.country,
    files.row_kind,
    files.source_table,
    files.holdings_usd_bn,
    newest_changes.change_usd_bn
from files
inner join speaking on files.month_start = speaking.month_start and files.source_rank = speaking.source_rank
left join newest_changes
    on files.country = newest_changes.country and files.month_start = newest_changes.month_start
