"""Generations in a DuckLake, for a team that reads them in SQL: a snapshot for each (extra `lake`)."""
