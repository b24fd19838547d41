-- depends_on: {{ ref('int_forecasts') }}
-- After it, because a build writes the newest forecasts into the ledger as soon as it has them.
select * from {{ source('meta', 'forecast') }}
where {{ was_written('made_at') }}
