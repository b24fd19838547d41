"""The same models on a distributed engine, by Spark Connect: what goes there (`export.py`), a run (`run.py`)."""
