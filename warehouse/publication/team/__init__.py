"""Generations in an object store, for a team: sent there whole, and fetched from there (extra `team`)."""
