-- The measurements as of the essay, kept by the warehouse from a build of these models at that moment. A build of an
-- earlier moment takes its own.
select
    claim_id,
    measure_id,
    measured_value,
    first_date,
    last_date,
    knowledge_basis,
    judged_at
from {{ source('meta', 'claim_measurement') }}
where timestamp '{{ var("as_of") }}' > timestamp '{{ var("published_at") }}'
