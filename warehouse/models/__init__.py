"""The dbt project: compiled, made, checked, and what is known of its marts."""
