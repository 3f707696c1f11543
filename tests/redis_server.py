"""A Redis server of a test's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

STARTING_SECONDS = 30


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Its URL. Without the program the test is skipped, in CI it fails."""
    program = shutil.which("redis-server")
    if program is None:
        if "CI" in os.environ:
            raise AssertionError("There is no redis-server here: .ci/run installs it.")
        pytest.skip("There is no redis-server here: apt-get install redis-server.")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("redis-server did not start.")
