"""The reference proxy in a real Caddy: what it lets through, and what it keeps from the world."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

CADDYFILE = Path("docs/proxy/Caddyfile").resolve()
STARTING_SECONDS = 30


class Upstream(BaseHTTPRequestHandler):
    """Answers everything, as Rasa with its whole API would."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Server", "upstream")
        self.end_headers()
        self.wfile.write(f"{self.path} for {self.headers['X-Forwarded-For']}".encode())

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        return None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    if not shutil.which("caddy"):
        if "CI" in os.environ:
            pytest.fail("There is no Caddy here: .ci/run installs it.")
        pytest.skip("There is no Caddy here: apt-get install caddy.")
    upstream = HTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    site, home = f"http://127.0.0.1:{free_port()}", tmp_path_factory.mktemp("caddy")
    settings = {"LICHNO_SITE": site, "LICHNO_UPSTREAM": f"127.0.0.1:{upstream.server_port}", "HOME": str(home)}
    command = ["caddy", "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
    with httpx.Client(base_url=site, trust_env=False) as client:
        deadline = time.monotonic() + STARTING_SECONDS
        while not _answers(client):
            assert process.poll() is None and time.monotonic() < deadline, (home / "log").read_text()
            time.sleep(0.1)
        yield client
    process.terminate()
    process.wait()
    upstream.shutdown()
    upstream.server_close()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/widget.js").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    "path",
    [
        "/widget.js",
        "/socket.io/?EIO=4",
        "/",
        "/ru/help/delivery-courier",
        "/token",
        "/desk",
        "/desk/me",
        "/webhooks/telegram/webhook",
    ],
)
def test_the_chat_the_desk_the_shop_and_telegram_are_let_through(proxy: httpx.Client, path: str) -> None:
    response = proxy.get(path)
    assert response.status_code == 200
    assert response.text == f"{path} for 127.0.0.1"
    assert response.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Server" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/model",
        "/model/parse",
        "/model/../model/train",
        "/%6dodel",
        "/conversations/customer:C001/tracker",
        "/conversations/customer:C001/messages",
        "/webhooks/rest/webhook",
        "/webhooks/lichno_web/",
        "/webhooks/telegram/",
        "/webhooks/telegram/link",
        "/ru/../webhooks/rest/webhook",
        "/shop/..%2fwebhooks/rest/webhook",
        "/desk/../webhooks/rest/webhook",
        "/socket.io/../status",
        "/domain",
        "/status",
        "/version",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rasas_own_addresses_are_not(proxy: httpx.Client, method: str, path: str) -> None:
    response = proxy.request(method, path)
    assert response.status_code == 404
    assert response.text == "Not found"
