"""`python -m tests.nights [--course NAME] [--folder DIR] [--until DATE] [--again]`: the row of nights, judged.

NAME is `sixty` (half an hour on a quiet machine), `short` (each kind of night once) or `year-end`. DIR keeps the
warehouse, a record of each night, its output, and the plot `growth.svg` and `.png`; a run that was stopped goes on
there. `--again` only judges the records of DIR. Exit code 1 unless all nights are as they must be.
"""

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path

from tests.nights import campaign, growth
from tests.nights.course import COURSES


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.nights", description="Simulated nights in a row, judged.")
    parser.add_argument("--course", choices=COURSES, default="sixty")
    parser.add_argument("--folder", type=Path, help="keeps everything; else a temporary one is used")
    parser.add_argument("--until", type=date.fromisoformat, help="the last night of this run")
    parser.add_argument("--again", action="store_true", help="judge the records of the folder, run nothing")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="liquidity-nights-") as made:
        folder = (asked.folder or Path(made)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        records = campaign.read(folder) if asked.again else campaign.run(folder, asked.course, asked.until)
        course = COURSES[asked.course]
        found = campaign.judged(course, records)
        if asked.again:
            for record in records:
                print(campaign.line_of(course, records, record))
        bad = {day: words for day, words in found.items() if words}
        seconds = sum(record["cpu_seconds"] for record in records)
        print(f"{len(records)} nights, {len(bad)} wrong; {seconds / max(1, len(records)):.0f} CPU s a night")
        for words in [record["skipped"] for record in records if record["skipped"]] + found.get("releases", []):
            print(words)
        print("\n".join(growth.nightly(records)))
        print("\n".join(map(str, growth.draw(records, folder))))
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
