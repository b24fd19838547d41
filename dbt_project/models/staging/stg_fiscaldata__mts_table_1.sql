-- The first block, 1.n, is the fiscal year before, all of it; the second, 2.n, the statement's own so far. Both name their
-- months alike and end in a row of their sum.
with renamed as (
    select
        record_date,
        src_line_nbr,
        classification_desc,
        sequence_number_cd,
        data_type_cd,
        record_type_cd,
        gross_receipts_usd,
        gross_outlays_usd,
        deficit_usd,
        cast(
            year(record_date)
            + case when month(record_date) >= 10 then 1 else 0 end
            - case when sequence_number_cd like '1%' then 1 else 0 end
            as integer
        ) as fiscal_year,
        {{ month_number('classification_desc') }} as month_number,
        lower(classification_desc) = 'year-to-date' as is_year_to_date,
        known_from,
        known_basis
    from {{ source('fiscaldata', 'fiscaldata__mts_table_1') }}
    where {{ is_known() }}
)

select
    record_date,
    src_line_nbr,
    classification_desc,
    sequence_number_cd,
    data_type_cd,
    record_type_cd,
    gross_receipts_usd,
    gross_outlays_usd,
    deficit_usd,
    fiscal_year,
    last_day(make_date(fiscal_year - case when month_number >= 10 then 1 else 0 end, month_number, 1)) as month_date,
    is_year_to_date,
    coalesce(month_number = month(record_date) and sequence_number_cd like '2.%', false) as is_statement_month,
    known_from,
    known_basis
from renamed
