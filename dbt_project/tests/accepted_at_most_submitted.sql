{{ test_holds(
    ref('stg_nyfed__repo_operations'),
    rule="accepted_usd <= submitted_usd and accepted_usd >= 0",
    reason="Nobody gets more than was bid."
) }}
