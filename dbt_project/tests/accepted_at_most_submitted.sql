{{ test_holds(
    ref('stg_nyfed__repo_operations'),
    rule="accepted_usd <= submitted_usd and accepted_usd >= 0",
    reason="No bidder gets more than was bid."
) }}
