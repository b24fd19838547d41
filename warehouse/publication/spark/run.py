"""Makes the models of an exported folder on a Spark Connect server, each as Parquet next to its inputs.

The server reads and writes the folder itself, under the address that it has for it. The client is pyspark (extra
`spark`). Protocol: https://spark.apache.org/docs/latest/spark-connect-overview.html.
What must not be here: the SQL (`warehouse/publication/spark/export.py`).
"""

import importlib
import json
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warehouse.connection import WarehouseError
from warehouse.publication.spark.export import PLAN, path_of, view_of

_PORT = 15002  # of Spark Connect where an address has none
_MESSAGE_LENGTH = 300  # characters of a server's message; some print their whole plan


@dataclass(frozen=True)
class Made:
    """One model: ``message`` is empty when it was made; ``seconds`` of wall clock."""

    name: str
    message: str
    seconds: float


def run(folder: Path, address: str, at: str | None = None) -> Iterator[Made]:
    """Make every model of ``folder``, which the server has ``at`` another address or at the same path.

    A model that fails, or whose input failed, has a message; the others are made. WarehouseError without the extra,
    for a folder that `export` has not written, where no server answers, and where it does not have the folder.
    """
    try:
        plan = json.loads((folder / PLAN).read_text("utf-8"))
    except FileNotFoundError:
        raise WarehouseError(f"{folder} has no {PLAN}; `liquidity spark export` writes it") from None
    place = (at or str(folder.absolute())).rstrip("/")
    session = _connect(address)
    try:
        for name in plan["inputs"]:
            _show(session, name, place)
        for model in plan["models"]:
            begun, message = time.perf_counter(), ""
            try:
                _make(session, model, f"{place}/{path_of(model['name'])}")
            except Exception as fault:  # the client's, the server's and gRPC's have no class in common
                message = _line(fault)
            yield Made(model["name"], message, time.perf_counter() - begun)
    finally:
        session.stop()


def _show(session: Any, name: str, place: str) -> None:
    """Give the session an input as a view."""
    try:
        frame = session.read.parquet(f"{place}/{path_of(name)}.parquet")
        if not frame.columns:  # Sail 0.7 takes what is not there for an empty table
            raise FileNotFoundError("there is no such file")
        frame.createOrReplaceTempView(view_of(name))
    except Exception as fault:
        where = f"the server cannot read {name} in {place}; `--at` says where it has the folder"
        raise WarehouseError(f"{where}: {_line(fault)}") from None


def _make(session: Any, model: dict[str, Any], target: str) -> None:
    frame = session.sql(model["sql"])
    if model["columns"]:  # of a contract, in its order
        frame = frame.select(*model["columns"])
    frame.write.mode("overwrite").parquet(target)
    made = session.read.parquet(target)
    if not made.columns:  # Sail 0.7 writes no file for a table without rows
        made = session.createDataFrame([], frame.schema)
    made.createOrReplaceTempView(view_of(model["name"]))


def _connect(address: str) -> Any:
    """A session in UTC, in which a division by zero is null."""
    if sys.modules.get("pandas", "") is None:  # `orchestration/cli.py` keeps it out; the client needs it
        del sys.modules["pandas"]
    try:
        builder = importlib.import_module("pyspark.sql").SparkSession.builder
    except ImportError:
        raise WarehouseError("this needs the extra spark: pip install 'dollar-liquidity[spark]'") from None
    try:
        server = urlsplit(address)  # the client alone would try for ten minutes
        socket.create_connection((server.hostname or "", server.port or _PORT), timeout=10).close()
        session = builder.remote(address).getOrCreate()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        session.conf.set("spark.sql.ansi.enabled", "false")  # Sail 0.7 divides what nullif() has made null
    except Exception as fault:
        raise WarehouseError(f"no server of Spark Connect answers at {address}: {_line(fault)}") from None
    return session


def _line(fault: Exception) -> str:
    words = " ".join(str(fault).split())
    return words if len(words) <= _MESSAGE_LENGTH else f"{words[: _MESSAGE_LENGTH - 2]} …"
