"""Sixty simulated nights in a row: `python -m tests.nights`. Each is one `liquidity refresh --sample` in a process of
its own, a day after the one before, with faults on dated nights; each is judged.

`course.py` says what happens when, `night.py` is the process of a night, `looking.py` what it looks at afterwards,
`judge.py` what must be there, `campaign.py` the row of nights, `growth.py` the plot of what they leave on the disk.
"""
