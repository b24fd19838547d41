"""`python -m tests.faults [PHASE ...] [--quick] [--seed N] [--seconds S]`: run the campaign and print what it counted.

Phases: kills, delivery, disks, damaged, rivals, readers, fuzz, structures, whole; all of them when none is named. Exit
code 1 unless all survived. `whole` runs commands on the sample, which it makes first (minutes) unless `--sample FOLDER`
gives the LIQUIDITY_HOME of a finished one; that folder is copied, never changed.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.faults import campaign, checks, delivery, structures, whole
from tests.faults.counts import Count, show

PHASES = ("kills", "delivery", "disks", "damaged", "rivals", "readers", "fuzz", "structures", "whole")


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="The campaign of faults, counted.")
    parser.add_argument("phases", nargs="*", metavar="PHASE", help=f"one of {', '.join(PHASES)}")
    parser.add_argument("--quick", action="store_true", help="what `pytest tests/faults` runs, without `whole`")
    parser.add_argument("--seed", type=int, default=1, help="of the instants and the spoiled bodies")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each dataset, of `fuzz` and of `structures`")
    parser.add_argument("--sample", type=Path, help="LIQUIDITY_HOME with a finished sample, for `whole`")
    asked = parser.parse_args()
    if unknown := set(asked.phases) - set(PHASES):
        parser.error(f"no phase {', '.join(sorted(unknown))}")
    phases = asked.phases or (PHASES[:-1] if asked.quick else PHASES)
    size = campaign.QUICK if asked.quick else campaign.WHOLE
    console, counts = Console(width=None if sys.stdout.isatty() else 120), list[Count]()
    with tempfile.TemporaryDirectory(prefix="liquidity-faults-") as folder:
        base = Path(folder)
        if {"disks", "damaged", "rivals", "readers"} & set(phases):
            small = checks.small_warehouse(base / "small")
        for phase in phases:
            console.print(f"{phase} ...", highlight=False)
            match phase:
                case "kills":
                    counts += campaign.kills(base, size.kills, asked.seed)
                case "delivery":
                    counts.append(delivery.kills(base, size.kills, asked.seed))
                case "disks":
                    counts.append(campaign.disks(base, small, size.free_mega_bytes))
                case "damaged":
                    counts.append(campaign.damaged(base, small))
                case "rivals":
                    counts.append(campaign.rivals(base, small))
                case "readers":
                    counts.append(campaign.readers(base, small, size.refreshes))
                case "fuzz":
                    counts.append(campaign.spoiled_bodies(base, asked.seed, size.bodies, asked.seconds))
                case "structures":
                    seconds = 0.2 if asked.quick else asked.seconds
                    counts.append(structures.spoiled_structures(base, asked.seed, seconds))
                case "whole":
                    counts += whole.commands(base / "whole", asked.sample, asked.seed)
    show(counts, console)
    return int(any(count.survived < count.tries for count in counts))


if __name__ == "__main__":
    sys.exit(main())
