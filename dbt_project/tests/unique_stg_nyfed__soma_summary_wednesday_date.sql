{{ test_unique(ref('stg_nyfed__soma_summary'), 'wednesday_date') }}
