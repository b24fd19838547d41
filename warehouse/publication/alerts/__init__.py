"""Telling people: the digest of each generation, its feed, the outbox, and how messages leave.

`digest` compares a generation with the one before it and puts that into words; `feed` keeps the last ones as Atom;
`outbox` decides what is to be sent and sends it; `addresses` knows to whom, and is the only place that does. What must
not be here: the rules and when they fired (`dbt_project/models/marts/trust/alert_history.sql`).
"""
