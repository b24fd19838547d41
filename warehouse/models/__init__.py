"""The dbt project: compiling it, building its tables, checking them, and the facts about its marts."""
