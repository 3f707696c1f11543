"""Rasa's processes: starting, waiting until they answer, ending them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from nlu.errors import LichnoError

ACTION_PORT = 5055
STARTING_SECONDS = 600  # a slow machine reads two gigabytes of models meanwhile; one that ends is noticed at once
QUIETLY = {"LOG_LEVEL": "WARNING", "LOG_LEVEL_LIBRARIES": "ERROR"}


class CannotStart(LichnoError):
    """A port is taken, or a process ended before it answered."""


def require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} is in use: stop what uses it"
                + (", or choose another with --port." if port != ACTION_PORT else ".")
            ) from error


def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A module run in a process group of its own, so that Ctrl-C reaches it through us alone."""
    command = [sys.executable, "-W", "ignore", "-m", module, *arguments]
    return subprocess.Popen(command, start_new_session=True, env={**os.environ, **QUIETLY})


def wait(url: str, processes: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        if any(process.poll() is not None for process in processes):
            raise CannotStart("A server ended before it answered; its last words stand above.")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise CannotStart(f"{url} did not answer within {STARTING_SECONDS} seconds.")


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
