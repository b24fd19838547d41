"""What is held: fetched, loaded, kept with the time at which it was known."""
