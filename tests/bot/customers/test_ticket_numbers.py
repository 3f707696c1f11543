from __future__ import annotations

import datetime as dt
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bot.customers.store import CustomerStore, open_ticket
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop

NOON = dt.datetime(2026, 11, 24, 12)
EACH = 15


def filed(url: str) -> list[str]:
    """Numbers of requests filed one after the other, each committed on its own."""
    store, numbers = CustomerStore(url), []
    for _ in range(EACH):
        with store.session() as session:
            numbers.append(open_ticket(session, "C1", "return", "?", NOON))
            session.commit()
    return numbers


def test_two_processes_give_no_number_twice(url: str, tmp_path: Path) -> None:
    imported(tmp_path, write_shop(tmp_path / "shop"), url)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        numbers = [number for some in processes.map(filed, [url, url]) for number in some]
    assert sorted(numbers) == [f"T{n:04d}" for n in range(2, 2 + 2 * EACH)]
