from __future__ import annotations

import httpx
import pytest

from bot.channels.headers import framed_by, secure
from bot.channels.web_settings import WebSettings
from tests.bot.channels.web_server import Start


class Answer:
    """A response as far as headers go."""

    def __init__(self, **headers: str) -> None:
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Asked:
    def __init__(self, scheme: str) -> None:
        self.scheme = scheme


@pytest.mark.parametrize(("scheme", "told"), [("http", False), ("https", True)])
async def test_behind_tls_alone_browsers_are_told_to_stay_with_it(scheme: str, told: bool) -> None:
    answer = Answer()
    await secure(Asked(scheme), answer)
    assert ("Strict-Transport-Security" in answer.headers) == told
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_websocket_has_no_response_and_that_is_no_error() -> None:
    await secure(Asked("wss"), None)
    await framed_by(["https://portal.example"])(Asked("wss"), None)


@pytest.mark.parametrize("permitted", [(), ("https://portal.example", "https://other.example")])
async def test_only_pages_of_the_set_origins_may_frame_the_shop(start: Start, permitted: tuple[str, ...]) -> None:
    server = await start(settings=WebSettings(demo_shop=True, frame_ancestors=permitted))
    async with httpx.AsyncClient() as http:
        policy = (await http.get(f"{server.url}/token")).headers["Content-Security-Policy"]
        widget = await http.get(f"{server.url}/widget.js")
    assert policy.split("frame-ancestors ")[1] == (" ".join(permitted) or "'none'")
    assert widget.headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in widget.headers
