from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.cli.processes import ACTION_PORT, CannotStart, require_free, stop, wait


@pytest.fixture
def busy() -> Iterator[int]:
    """A port on which something listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def sleeper(code: str = "import time; time.sleep(60)") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-S", "-c", code], start_new_session=True)


def test_a_busy_port_is_named_with_the_remedy(busy: int) -> None:
    with pytest.raises(CannotStart, match=rf"{busy} is in use.*--port"):
        require_free(busy)


def test_a_busy_action_port_has_no_such_remedy(monkeypatch: pytest.MonkeyPatch, busy: int) -> None:
    monkeypatch.setattr("bot.cli.processes.ACTION_PORT", busy)
    with pytest.raises(CannotStart) as error:
        require_free(busy)
    assert "--port" not in str(error.value)
    assert ACTION_PORT == 5055


def test_a_free_port_stays_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    require_free(port)
    require_free(port)


def test_a_process_that_ends_before_it_answers_is_an_error(busy: int) -> None:
    ended = sleeper("pass")
    ended.wait()
    with pytest.raises(CannotStart, match="ended before it answered"):
        wait("http://127.0.0.1:9/health", [ended])


def test_waiting_ends_after_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli.processes.STARTING_SECONDS", 0.1)
    with pytest.raises(CannotStart, match="did not answer"):
        wait("http://127.0.0.1:9/health", [])


def test_stopping_ends_every_process_once() -> None:
    processes = [sleeper(), sleeper("pass")]
    processes[1].wait()
    stop(processes)
    assert [process.poll() is not None for process in processes] == [True, True]
