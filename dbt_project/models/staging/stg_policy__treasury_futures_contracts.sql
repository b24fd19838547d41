select
    contract_code,
    contract_name,
    face_usd,
    face_status = 'verified' as is_face_verified,
    ten_year_equivalent_weight,
    weight_status = 'verified' as is_weight_verified,
    source,
    note
from {{ ref('treasury_futures_contracts') }}
