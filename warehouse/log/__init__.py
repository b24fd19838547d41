"""The log: fetching, loading, and every version of every row with the time at which it was known."""
