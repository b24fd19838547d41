{{ test_holds(
    ref('stg_nyfed__treasury_operations'),
    rule="accepted_usd <= submitted_usd and accepted_usd >= 0",
    reason="No seller sells more than was offered."
) }}
