"""Many customers chatting at once with the assistant: is anything lost, doubled or crossed, and how long do they wait?

    python -m benchmarks.chat_load [--customers 1 10 30 100] [--minutes 5] [--seed 1] [--url URL] [--json]

Starts the assistant and its action server on ports of their own, with a copy of the customers, and connects to the web
channel as widgets do, on loopback and from one event loop. Each customer writes, waits for the reply, reads and types
for 20 to 40 seconds and writes again; they do not begin all at once, and a hundred write some 190 messages a minute.
Half of the questions are of the company's articles, half of the customer's own orders; customers beyond those of the
demo are visitors. With --url it connects to an assistant that is already running on this machine with this folder's
customers and key, whose limits must be wide enough.

Lost: a message without a reply, by the end or in the history. Doubled: one that is answered twice, or a reply that
comes twice. Crossed: anything heard that answers somebody else's message. Times count from sending, in this process, on
the same cores as the assistant. The knee lies where the 95th percentile of the first text goes beyond two seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import socket
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from rich.console import Console
from rich.table import Table
from websockets.exceptions import ConnectionClosed

import bot.quiet  # noqa: F401
from benchmarks.isolation import project
from bot.channels.identity import issue_token, signing_key
from bot.cli.processes import start, stop, wait
from bot.customers.models import Customer, Handover
from bot.customers.store import CustomerStore
from tests.bot.channels.socket_client import SocketClient
from tests.bot.channels.web_agent import new_id

THINKING = (20.0, 40.0)  # seconds in which a person reads the reply and types the next message
LAST_REPLIES = 120.0  # seconds after the end for what is still underway
PATIENCE = 2.0  # seconds until the first text, beyond which the knee lies
UNLIMITED = {"per_address": "100000/minute", "everybody": "100000/minute"}
OWN = {
    "ru": ("Где мой заказ?", "Когда приедет посылка?", "Сколько у меня баллов?", "До какого числа гарантия?"),
    "en": ("Where is my order?", "When does my parcel come?", "How many points do I have?", "How was my order paid?"),
}


@dataclass
class Told:
    """What became of a message; times in seconds after it was sent."""

    sent: float
    typing: float | None = None
    text: float | None = None
    done: float | None = None


@dataclass
class Person:
    """A customer or, without an id, a visitor."""

    customer_id: str | None
    language: str
    told: dict[str, Told] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)  # replies by their ids
    failed: set[str] = field(default_factory=set)
    crossed: int = 0
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: str, data: Any) -> None:
        told = self.told.get(data["to"])
        if told is None:
            self.crossed += 1
            return
        after = time.monotonic() - told.sent
        if event == "typing":
            told.typing = after
        if event in ("sentence", "bot_uttered") and told.text is None:
            told.text = after
        if event == "bot_uttered":
            self.heard[data["id"]] += 1
        if event == "failed":
            self.failed.add(data["to"])
        if event in ("done", "failed"):
            told.done = after
            self.finished.set()


@dataclass
class Step:
    """The figures of one number of customers; times in milliseconds."""

    customers: int
    messages: int
    a_minute: float
    lost: int
    doubled: int
    crossed: int
    typing_p50: float
    typing_p95: float
    first_text_p50: float
    first_text_p95: float
    done_p95: float


async def chat(url: str, person: Person, questions: Sequence[str], seconds: float, chosen: random.Random) -> None:
    """One person's conversation until the time is over, and a look at the history."""
    client = SocketClient(person.hear)
    auth = {"token": issue_token(person.customer_id)} if person.customer_id else {}
    await client.connect(url, auth, None)
    before = await client.call("session_request")
    known = {message["id"] for message in before["history"]}
    ends = time.monotonic() + seconds
    await asyncio.sleep(chosen.uniform(0, THINKING[1]) if seconds > THINKING[1] else 0)
    while time.monotonic() < ends:
        message = {"id": new_id(), "text": chosen.choice(questions)}
        person.finished.clear()
        person.told[message["id"]] = Told(time.monotonic())
        await client.call("user_uttered", message)
        await asyncio.wait_for(person.finished.wait(), LAST_REPLIES)
        await asyncio.sleep(min(chosen.uniform(*THINKING), max(ends - time.monotonic(), 0)))
    after = await client.call("session_request")
    _compare(person, [message for message in after["history"] if message["id"] not in known])
    await client.close()
    if not person.told:
        raise SystemExit("The time is too short for a message of each customer: give more --minutes.")


def _compare(person: Person, history: Sequence[dict[str, Any]]) -> None:
    """What the history has and was not heard is lost; what it has twice counts as doubled."""
    asked = Counter(message["id"] for message in history if message["from"] == "customer")
    replies = Counter(message["id"] for message in history if message["from"] == "assistant")
    person.failed |= {identity for identity in person.told if asked[identity] == 0}
    person.failed |= {
        message["to"] for message in history if message["from"] != "customer" and not person.heard[message["id"]]
    }
    person.crossed += sum(identity not in person.told for identity in asked)
    for identity, count in (asked + replies).items():
        person.heard[identity] = max(person.heard[identity], count)


async def step(url: str, people: Sequence[Person], minutes: float, seed: int) -> Step:
    """All people at once; the figures."""
    articles = _articles()
    chosen = random.Random(seed)

    async def one(person: Person) -> None:
        own = OWN[person.language] if person.customer_id else ()
        questions = [*(own * (len(articles[person.language]) // max(len(own), 1))), *articles[person.language]]
        try:
            await chat(url, person, questions, minutes * 60, random.Random(chosen.random()))
        except (asyncio.TimeoutError, ConnectionClosed):
            person.failed |= {identity for identity, told in person.told.items() if told.done is None}

    await asyncio.gather(*map(one, people))
    return _figures(people, minutes)


def _figures(people: Sequence[Person], minutes: float) -> Step:
    told = [told for person in people for told in person.told.values()]
    lost = sum(len(person.failed | {key for key, one in person.told.items() if one.text is None}) for person in people)
    return Step(
        customers=len(people),
        messages=len(told),
        a_minute=round(len(told) / minutes, 1),
        lost=lost,
        doubled=sum(count - 1 for person in people for count in person.heard.values()),
        crossed=sum(person.crossed for person in people),
        typing_p50=_share([one.typing for one in told], 50),
        typing_p95=_share([one.typing for one in told], 95),
        first_text_p50=_share([one.text for one in told], 50),
        first_text_p95=_share([one.text for one in told], 95),
        done_p95=_share([one.done for one in told], 95),
    )


def _share(seconds: Sequence[float | None], percent: int) -> float:
    """A percentile in milliseconds; what never came counts as the longest wait."""
    values = [LAST_REPLIES if value is None else value for value in seconds]
    if len(values) < 2:
        return round(1000 * sum(values), 1)
    return round(1000 * statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 1)


def knee(steps: Sequence[Step]) -> str:
    """Where waiting becomes felt, in words."""
    before = 0
    for one in steps:
        if one.first_text_p95 > 1000 * PATIENCE:
            return f"between {before} and {one.customers} customers"
        before = one.customers
    return f"beyond {before} customers"


def _articles() -> dict[str, list[str]]:
    """Questions of the articles by language."""
    found: dict[str, list[str]] = {"ru": [], "en": []}
    for path in sorted(Path(__file__).parent.glob("questions/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found[row["language"]].append(row["question"])
    return found


@contextmanager
def assistant() -> Iterator[str]:
    """The assistant as ``lichno up`` starts it, but for its ports and the limits of one address; its URL."""
    here = Path.cwd()
    with project() as folder:
        port, actions = _free_port(), _free_port()
        shutil.copytree(here / "var/profiles", folder / "var/profiles")
        with CustomerStore(f"sqlite:///{folder}/var/customers.db").session() as session:
            session.query(Handover).delete()  # where a person has the conversation, the assistant would be silent
            session.commit()
        endpoints = yaml.safe_load((folder / "endpoints.yml").read_text())
        endpoints["action_endpoint"]["url"] = f"http://localhost:{actions}/webhook"
        (folder / "endpoints.yml").write_text(yaml.safe_dump(endpoints))
        (folder / "credentials.yml").unlink()
        (folder / "credentials.yml").write_text(yaml.safe_dump({"bot.channels.web.WebChannel": UNLIMITED}))
        signing_key()  # before two processes could each make one
        processes = [start("bot.actions.server", str(actions))]
        processes.append(start("rasa", "run", "--port", str(port), "--interface", "127.0.0.1"))
        try:
            url = f"http://127.0.0.1:{port}"
            wait(f"http://127.0.0.1:{actions}/health", processes)
            wait(f"{url}/webhooks/lichno_web/", processes)
            yield url
        finally:
            stop(processes)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def everybody() -> list[tuple[str, str]]:
    """The customers' ids and languages."""
    with CustomerStore("sqlite:///var/customers.db").session() as session:
        rows = session.query(Customer.customer_id, Customer.language).order_by(Customer.customer_id)
        return [(str(row[0]), str(row[1])) for row in rows]


async def run(counts: Sequence[int], minutes: float, seed: int, running: str = "") -> list[Step]:
    """Grow from step to step on one assistant, after a message that warms it up."""
    with nullcontext(running) if running else assistant() as url:
        known = everybody()
        await step(url, [Person(None, "ru")], 0.1, seed)  # below the shortest thinking: it writes at once
        steps = []
        for count in counts:
            people = [Person(*known[n]) if n < len(known) else Person(None, ("ru", "en")[n % 2]) for n in range(count)]
            steps.append(await step(url, people, minutes, seed + count))
            print(json.dumps(asdict(steps[-1])), file=sys.stderr)
        return steps


def as_table(steps: Sequence[Step]) -> Table:
    """The figures, a line for each number of customers."""
    table = Table(title="Customers chatting at once; waits in ms")
    for name in asdict(steps[0]):
        table.add_column(name.replace("_", " "), justify="right")
    for one in steps:
        table.add_row(*map(str, asdict(one).values()))
    return table


def main() -> None:
    """Run and print; exit status 1 where anything was lost, doubled or crossed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[1, 10, 30, 100])
    parser.add_argument("--minutes", type=float, default=5.0, help="of each step")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", default="", help="of a running assistant on 127.0.0.1; left out, one is started")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.url and urlsplit(chosen.url).hostname not in ("127.0.0.1", "localhost"):
        parser.error("--url: only an assistant on this machine is loaded, like http://127.0.0.1:5005.")
    steps = asyncio.run(run(chosen.customers, chosen.minutes, chosen.seed, chosen.url))
    if chosen.json:
        print(json.dumps({"knee": knee(steps), "steps": [asdict(one) for one in steps]}, indent=1))
    else:
        Console().print(as_table(steps))
        print(f"Knee: {knee(steps)}.")
    sys.exit(any(one.lost or one.doubled or one.crossed for one in steps))


if __name__ == "__main__":
    main()
