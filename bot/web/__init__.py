"""The chat widget: its source in TypeScript, its built file ``dist/widget.js``, and the route that serves it."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, raw

DIST = Path(__file__).parent / "dist"
WIDGET = DIST / "widget.js"


def widget_blueprint() -> Blueprint:
    """``/widget.js`` for any page, compressed where the browser reads that."""
    blueprint = Blueprint("lichno_widget")
    script = WIDGET.read_bytes()
    packed = gzip.compress(script, mtime=0)
    tag = f'"{hashlib.sha256(script).hexdigest()[:16]}"'
    headers = {
        "Cache-Control": "public, max-age=300",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": tag,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }

    async def widget(request: Request) -> HTTPResponse:
        if request.headers.get("If-None-Match") == tag:
            return raw(b"", status=304, headers=headers)
        kind = "text/javascript; charset=utf-8"
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return raw(packed, headers={**headers, "Content-Encoding": "gzip"}, content_type=kind)
        return raw(script, headers=headers, content_type=kind)

    blueprint.add_route(widget, "/widget.js")
    return blueprint
