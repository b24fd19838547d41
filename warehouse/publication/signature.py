"""The signature of a generation's list of sums, which names every file: hashes show damage, this shows who published.

OpenSSH's own program makes and checks it with SSH keys (`ssh-keygen -Y`; format: PROTOCOL.sshsig of OpenSSH). The
variables of the environment name files; no key is read here. What must not be here: hashes
(`warehouse/publication/verify.py`).
"""

import os
import subprocess
from pathlib import Path

from warehouse.connection import WarehouseError
from warehouse.generation import SUMS

SIGNATURE = f"{SUMS}.sig"
SIGNING_KEY = "LIQUIDITY_SIGNING_KEY"  # variable: signs what is sent; a public key where an agent has its other half
SIGNERS = "LIQUIDITY_SIGNERS"  # variable: whose signature a reader takes, a file as `ssh-keygen` calls allowed_signers
_PURPOSE = "dollar-liquidity"  # the namespace, so that a signature for something else is none here


def sign(folder: Path, key: Path) -> bytes:
    """The signature of the generation in ``folder``; WarehouseError when the key cannot be used without a question."""
    return _ssh_keygen("sign", "-q", "-f", str(key.expanduser()), "-n", _PURPOSE, content=(folder / SUMS).read_bytes())


def problem(folder: Path, signers: Path) -> str | None:
    """Why the generation in ``folder`` is signed by none of ``signers``, in words; None when it is by one."""
    if not (folder / SIGNATURE).exists():
        return f"missing: {SUMS} is not signed"
    told = ["-s", str(folder / SIGNATURE), "-f", str(signers.expanduser())]
    try:
        names = _ssh_keygen("find-principals", *told).decode().splitlines()
        _ssh_keygen("verify", *told, "-I", names[0], "-n", _PURPOSE, content=(folder / SUMS).read_bytes())
    except (WarehouseError, FileNotFoundError) as error:
        return f"{SUMS} is not what one of {signers} has signed ({error})"
    return None


def _ssh_keygen(action: str, *arguments: str, content: bytes = b"") -> bytes:
    try:
        done = subprocess.run(
            ["ssh-keygen", "-Y", action, *arguments], input=content, capture_output=True, check=False,
            start_new_session=True, env=os.environ | {"SSH_ASKPASS_REQUIRE": "never"},  # a schedule has nobody to ask
        )  # fmt: skip
    except FileNotFoundError:
        raise WarehouseError("a signature needs OpenSSH's ssh-keygen, which is not here") from None
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).decode(errors="replace").split())
        raise WarehouseError(f"ssh-keygen -Y {action}: {said or 'no reason given'}")
    return done.stdout
