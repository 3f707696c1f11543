"""Headers of everything that the server answers: what a browser must not do with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sanic.request import Request
from sanic.response import BaseHTTPResponse

Middleware = Callable[[Request, Any], Awaitable[None]]

YEAR = 31_536_000  # seconds
NO_FRAMES = "frame-ancestors 'none'"


async def secure(request: Request, response: BaseHTTPResponse | None) -> None:
    """A response middleware: no guessing of types, and behind TLS never again without it.

    Behind a proxy, Sanic knows of TLS by the proxy's headers, which it trusts with ``SANIC_PROXIES_COUNT`` set.
    """
    if response is None:
        return  # a WebSocket
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if request.scheme in ("https", "wss"):
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")


def framed_by(origins: Sequence[str]) -> Middleware:
    """A response middleware that lets pages of these origins show ours in a frame."""
    permitted = f"frame-ancestors {' '.join(origins)}"

    async def allow(_: Request, response: BaseHTTPResponse | None) -> None:
        policy = response.headers.get("Content-Security-Policy", "") if response else ""
        if response and NO_FRAMES in policy:
            response.headers["Content-Security-Policy"] = policy.replace(NO_FRAMES, permitted)

    return allow
