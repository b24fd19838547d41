"""The warehouse for language-model clients: an MCP server on standard input and output, read-only.

The library `mcp` comes with the extra `team`. What must not be here: the answers (`warehouse/publication/answers.py`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ingest.errors import CatalogError
from warehouse.connection import Home, WarehouseError
from warehouse.publication import answers

_ABOUT = (
    "US-dollar liquidity from primary sources: deficit, Treasury issuance, its buyers, repo, SOFR against the target "
    "range, the Standing Repo Facility, the Fed's balance sheet, prices. Begin with list_marts and describe_mart; the "
    "SQL is DuckDB's, marts are tables of the default schema. Every answer has `from`: say in what you write whether "
    "the data are simulated, of which generation they are, and the units."
)


def server(home: Home) -> Any:
    """The server for one warehouse; WarehouseError when `mcp` is not installed."""
    try:
        from mcp.server.mcpserver import MCPServer
        from mcp.server.mcpserver.exceptions import ToolError
    except ImportError:
        raise WarehouseError("this needs the extra `team`: pip install 'dollar-liquidity[team]'") from None

    def told(answer: Callable[[], answers.Answer]) -> answers.Answer:
        try:
            return answer()
        except (WarehouseError, CatalogError) as error:
            raise ToolError(str(error)) from None

    made = MCPServer("dollar-liquidity", instructions=_ABOUT)

    @made.tool()
    def list_marts() -> dict[str, Any]:
        """All marts with what they hold and their rows."""
        return told(lambda: answers.list_marts(home))

    @made.tool()
    def describe_mart(mart: str) -> dict[str, Any]:
        """Columns of a mart with type, unit and meaning."""
        return told(lambda: answers.describe(home, mart))

    @made.tool()
    def query(sql: str, limit: int = 100) -> dict[str, Any]:
        """Rows of one SQL query (DuckDB) over the published marts, at most 1,000. It cannot write or reach files."""
        return told(lambda: answers.ask(home, sql, limit))

    @made.tool()
    def as_known_at(dataset: str, moment: datetime, limit: int = 100) -> dict[str, Any]:
        """Newest rows of a raw dataset (`provider.name`) as known at a moment (UTC), before later revisions."""
        return told(lambda: answers.as_known(home, dataset, moment, limit))

    @made.tool()
    def trace(mart: str, where: str, column: str | None = None) -> dict[str, Any]:
        """From one row of a mart (an SQL condition picks it) back to raw rows, payloads and addresses."""
        return told(lambda: answers.way_back(home, mart, where, column))

    @made.tool()
    def latest_state() -> dict[str, Any]:
        """The newest regime, funding stress and net liquidity, and the alerts that are on."""
        return told(lambda: answers.latest(home))

    return made
