"""Guard of Dagster's web interface. The interface has no login and its server trusts every request: it runs GraphQL
mutations by GET, answers to any host name and accepts requests of any page. Any page that the user visits could wipe
assets and launch runs.

The guard checks headers that a browser sets and no page can change: `Host` (a foreign domain that points at this
machine keeps its name), `Origin`, and `Sec-Fetch-Site` with the other Fetch Metadata headers
(https://www.w3.org/TR/fetch-metadata/). A program without a browser sends neither of the last two and is admitted: the
user runs it. Starting and stopping the server is `web.py`.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from dagster._core.workspace.context import WorkspaceProcessContext, WorkspaceRequestContext
from dagster_webserver.webserver import DagsterWebserver
from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# No page may frame the interface (clicks could be steered), embed its answers or keep a handle on its window.
# `same-origin`, not `no-referrer`: that one makes browsers send `Origin: null` with our own requests.
ANSWER_HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}


class Guard:
    """ASGI middleware that refuses foreign requests in one line with status 403, 405, 415 or 421.

    ``names`` are the host names admitted, lower case and without port: a tunnel or container may change the port, and a
    page on another port gives itself away by its `Origin`.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str], is_read_only: bool = False) -> None:
        self.app = app
        self.names = frozenset(names)
        self.is_read_only = is_read_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(ANSWER_HEADERS)
            await send(message)

        refused = self.refusal(scope)
        if refused is None:
            return await self.app(scope, receive, send_with_headers)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})  # the server answers 403
        status, reason = refused
        await PlainTextResponse(f"refused: {reason}\n", status)(scope, receive, send_with_headers)

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason when a request or the opening of a websocket must not pass, else None."""
        headers = Headers(scope=scope)
        hosts, origins, sites = (headers.getlist(name) for name in ("host", "origin", "sec-fetch-site"))
        if len(hosts) != 1 or _name(hosts[0]) not in self.names:
            return 421, "not a name of this server; `liquidity ui --host NAME` admits one more"
        is_websocket = scope["type"] == "websocket"
        method = "GET" if is_websocket else scope["method"]
        if method not in ("GET", "HEAD", "POST"):
            return 405, "only GET, HEAD and POST are answered"
        if any(origin != f"http://{hosts[0]}" for origin in origins) or (is_websocket and not origins):
            return 403, "sent by a page of another origin"
        is_typed_or_link = method == "GET" and not is_websocket and headers.get("sec-fetch-mode") == "navigate"
        if is_typed_or_link and headers.get("sec-fetch-dest") == "document":
            return None  # a link that was followed, an address that was typed: shows a page, changes nothing
        if any(site != "same-origin" and (site != "none" or method == "POST") for site in sites):
            return 403, "sent by a page of another site"
        if method == "POST":
            # Dagster searches for the type anywhere in the header, so a form may send `text/plain; application/json`.
            if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                return 415, "a POST carries application/json"
            if self.is_read_only and scope["path"] != "/graphql":
                return 403, "this interface is read-only"
        return None


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


class GuardedWebserver(DagsterWebserver[WorkspaceProcessContext, WorkspaceRequestContext]):
    """Dagster's web application behind the guard. It takes no mutation by GET, and none at all when it is read-only."""

    def __init__(self, context: WorkspaceProcessContext, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        super().__init__(context, live_data_poll_rate=2000)

    def build_middleware(self) -> list[Middleware]:
        guard = Middleware(Guard, names=self.names, is_read_only=self._process_context.read_only)
        return [guard, *super().build_middleware()]

    def make_csp_header(self, nonce: str) -> str:
        return f"{super().make_csp_header(nonce).rstrip().rstrip(';')}; frame-ancestors 'none'"

    async def execute_graphql_request(
        self, request: Request, query: Any, variables: dict[str, Any] | None, operation_name: str | None
    ) -> JSONResponse:
        """Every GraphQL request over HTTP comes through here, its text already found in address or body."""
        if (request.method != "POST" or self._process_context.read_only) and not _only_asks(query):
            reason = "this interface is read-only" if request.method == "POST" else "a mutation comes by POST"
            return JSONResponse({"errors": [{"message": f"refused: {reason}"}]}, 403)
        return await super().execute_graphql_request(request, query, variables, operation_name)


def _only_asks(query: Any) -> bool:
    """Whether a document holds queries only, whichever of its operations would run."""
    try:
        definitions = parse(query).definitions
    except (GraphQLError, TypeError):
        return isinstance(query, str)  # not GraphQL: Dagster reports the place of the error
    return all(
        node.operation is OperationType.QUERY for node in definitions if isinstance(node, OperationDefinitionNode)
    )
