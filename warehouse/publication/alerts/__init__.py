"""Messages: the digest of each generation, its feed, the outbox, and sending.

`digest` describes the differences between a generation and the one before; `feed` has the last digests as Atom;
`outbox` decides what to send and sends it; only `addresses` reads the receivers. What must not be here: the rules and
when they fired (`dbt_project/models/marts/trust/alert_history.sql`).
"""
