"""The README's commands, queries and code work as printed."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.pipeline.conftest import run_liquidity
from warehouse.connection import Home

README = (REPOSITORY / "README.md").read_text("utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_both_commands_stand_on_their_own():
    commands = [block.strip() for block in _blocks("sh") if block.startswith("pip install ")]
    assert commands == [
        "pip install uv && uv run liquidity refresh --sample",
        "pip install uv && uv venv --allow-existing && "
        "uv pip sync --require-hashes --no-build --python .venv requirements/dev.txt && uv run --no-sync pytest",
    ]
    ci = (REPOSITORY / ".ci" / "run").read_text("utf-8")
    assert "README.md" in ci


def test_three_queries_return_rows(refreshed: Home):
    queries = [shlex.split(block)[4] for block in _blocks("sh") if "liquidity sql" in block]
    assert len(queries) == 3
    for query in queries:
        result = run_liquidity(refreshed.root.parent, "sql", query, "--format", "csv")
        assert result.returncode == 0, result.stderr
        assert len(result.stdout.splitlines()) > 2, query


def test_python_reads_the_marts_as_printed(refreshed: Home):
    (code,) = [block for block in _blocks("python") if "liquidity.mart" in block]
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True,
        env=os.environ | {"LIQUIDITY_HOME": str(refreshed.root.parent)},
    ).stdout  # fmt: skip
    assert "closing_balance_usd_bn" in printed
    assert printed.count("known_basis") == 2


def test_one_generation_for_several_files_works_as_printed(refreshed: Home):
    (code,) = [block for block in _blocks("sh") if "readlink" in block]
    printed = subprocess.run(
        ["sh", "-c", code.replace("data/current", str(refreshed.current))],
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    assert "treasury_cash_daily.parquet" in printed
    assert f'"id": "{refreshed.current.resolve().name}"' in printed


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH's client is not installed")
def test_a_signature_covers_every_file_as_printed(refreshed: Home, tmp_path: Path):
    (code,) = [block for block in _blocks("sh") if "ssh-keygen" in block]
    sign, verify = code.replace("data/current", str(refreshed.current)).replace("~/.ssh/id_ed25519", "key").splitlines()
    verify = verify.replace("liquidity verify", f"{sys.executable} -m orchestration.cli verify")
    copy = tmp_path / "copy"
    shutil.copytree(refreshed.current.resolve(), copy)

    def run(command: str) -> int:
        return subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=False).returncode

    assert run("ssh-keygen -q -t ed25519 -N '' -f key && echo desk $(cat key.pub) > allowed_signers") == 0
    assert run(sign) == 0
    assert run(verify) == 0
    chart = copy / "charts" / "charts.json"
    content = chart.read_bytes()
    chart.write_bytes(content + b" ")
    assert run(verify) == 1, "a file is not the one that was signed"
    chart.write_bytes(content)
    sums = copy / "SHA256SUMS"
    sums.write_bytes(sums.read_bytes().replace(b"0", b"1"))
    assert run(verify) == 1, "the list is not the one that was signed"


@pytest.mark.parametrize("document", ["README.md", "warehouse/docs/cookbook.md"])
def test_no_snippet_reads_several_files_through_the_link(document: str):
    """They could be of two generations: it moves whenever a refresh ends."""
    text = (REPOSITORY / document).read_text("utf-8")
    snippets = [
        code for kind, code in re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL) if kind in ("python", "r", "sh")
    ]
    assert len(snippets) >= 4
    several = [code for code in snippets if len(re.findall(r"data/(?:sample/)?current/", code)) > 1]
    unresolved = [code for code in snippets if re.search(r'Path\("data/(?:sample/)?current"\)(?!\.resolve\(\))', code)]
    assert several + unresolved == []


def test_every_mart_and_command_of_the_readme_exists_and_none_is_missing(refreshed: Home):
    from orchestration.cli import app
    from warehouse.connection import open_published

    with open_published(refreshed) as con:
        marts = {mart for (mart,) in con.execute("SELECT mart FROM meta.mart").fetchall()}
    listed = set(re.findall(r"^\| `([a-z_]+)` \| ", README, re.MULTILINE))
    assert marts == listed
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if not command.hidden}
    commands |= {group.name for group in app.registered_groups}
    assert commands == set(re.findall(r"^\| `liquidity ([a-z-]+)", README, re.MULTILINE))
