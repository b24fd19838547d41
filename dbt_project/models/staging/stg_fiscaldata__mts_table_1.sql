with source as (
    select * from {{ source('fiscaldata', 'fiscaldata__mts_table_1') }}
    where {{ is_known() }}
),

renamed as (
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
        -- The months of the fiscal year before are in the first block, 1.n, under the same names.
        coalesce(sequence_number_cd like '2.%' and classification_desc = {{ month_name('record_date') }}, false)
            as is_statement_month,
        known_from,
        known_basis
    from source
),

final as (
    select * from renamed
)

select * from final
