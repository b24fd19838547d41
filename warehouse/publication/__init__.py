"""What readers get: a generation with its files, charts, page and messages."""
