select * from {{ source('meta', 'alert_observation') }}
where {{ was_written('observed_at') }}
