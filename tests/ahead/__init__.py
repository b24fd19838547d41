"""The tests on a later day, to find those that would fail then; `python -m tests.ahead 62 --quick`."""
