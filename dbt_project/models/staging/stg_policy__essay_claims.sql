-- Not cut at the as-of time, like the claims: a question is no knowledge about its answer.
select
    claim_id,
    essay_id,
    kind,
    aspect,
    claim,
    claimed_text,
    due_date,
    decided_by,
    source_kind,
    source_kind <> 'original' as is_second_hand,
    sureness,
    why_not_measured,
    note
from {{ ref('essay_claims') }}
