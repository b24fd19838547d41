"""An environment with an extra of the project, for tests: its packages with their hashes, the rest from this one."""

import re
import sys
import sysconfig
from pathlib import Path

from tests.pipeline.test_wheel import uv
from tests.supply_chain import FOLDER, pins


def environment(name: str, place: Path, *options: str | Path, instead: frozenset[str] = frozenset()) -> Path:
    """Python of an environment in ``place`` with what the extra adds, and other versions of packages ``instead``.

    Skips where uv's cache lacks it and no registry answers.
    """
    wanted = {pin.name for pin in pins(name)} - {pin.name for pin in pins("runtime")} | instead
    entries = re.split(r"\n(?=\S)", (FOLDER / f"{name}.txt").read_text("utf-8"))
    (place / f"{name}.txt").write_text("\n".join(each for each in entries if each.split("==")[0] in wanted), "utf-8")
    uv("venv", "--python", sys.executable, place / "environment", cwd=place)
    found = place / "environment" / "bin" / "python"
    uv("pip", "install", "--python", found, "--require-hashes", "--no-deps", *options, "-r", place / f"{name}.txt",
       cwd=place, is_optional=True)  # fmt: skip
    (packages,) = (place / "environment" / "lib").glob("python*/site-packages")
    (packages / "rest.pth").write_text(sysconfig.get_path("purelib"), "utf-8")  # after its own, so these are used
    return found
