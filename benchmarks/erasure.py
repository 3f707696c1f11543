"""What is found of an erased customer, and how long erasing takes.

    python -m benchmarks.erasure [--customers 20]

The demo's shop in a folder of its own: database, facts' vectors, and a conversation of every customer in Rasa's
tracker store, in which they tell who they are; every tenth customer is also mentioned by another. Each erasure
proves itself; then every file of the folder is searched once more by plain means for the customer's values.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import statistics
import tempfile
from pathlib import Path
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine.url import URL

from bot.conversation import REST_CHANNEL
from bot.customers.importer import DEMO_FILES, import_folder
from bot.customers.models import Customer
from bot.customers.person import person_of
from bot.customers.store import CustomerStore, open_ticket
from bot.privacy.conversations import Conversations
from bot.privacy.erasure import Places, erase
from bot.privacy.ownership import rows_of
from bot.privacy.wanted import Wanted, values_of
from nlu.encoder import shared_encoder
from retrieval.profile_memory import ProfileMemory

NOW = dt.datetime(2026, 11, 25, 12)


def prepared(folder: Path) -> Places:
    """The shop with everything in it that an erasure must reach."""
    store = CustomerStore(f"sqlite:///{folder}/customers.db")
    store.create()
    with store.session() as session:
        import_folder(session, DEMO_FILES)
    memory = ProfileMemory(shared_encoder(), folder / "profiles")
    for customer_id in store.customer_ids():
        person = person_of(store, customer_id, NOW.date())
        memory.update(customer_id, person.facts, person.language)
    asyncio.run(_talk(store, folder / "conversations.db"))
    talks = Conversations(URL.create("sqlite", database=str(folder / "conversations.db")))
    return Places(store, memory, talks, (folder,))


async def _talk(store: CustomerStore, path: Path) -> None:
    trackers = SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(path))
    with store.session() as session:
        customers = session.query(Customer).order_by(Customer.customer_id).all()
        for number, customer in enumerate(customers):
            await trackers.save(_conversation(customer, f"customer:{customer.customer_id}", customer.customer_id))
            open_ticket(session, customer.customer_id, "account", _introduction(customer), NOW)
            if number % 10 == 0:
                other = customers[number + 1].customer_id
                await trackers.save(_conversation(customer, f"telegram:{number}", other))
                open_ticket(session, other, "account", f"For my friend: {_introduction(customer)}", NOW)
        session.commit()
    trackers.engine.dispose()


def _introduction(customer: Customer) -> str:
    orders = ", ".join(order.order_id for order in customer.orders)
    return f"{customer.first_name} {customer.last_name}, {customer.phone}, {customer.email}: {orders}?"


def _conversation(customer: Customer, sender: str, proven: str) -> Any:
    tracker = DialogueStateTracker(sender, [])
    metadata = {"customer_id": proven}
    tracker.update(UserUttered(_introduction(customer), {"name": "ask"}, input_channel=REST_CHANNEL, metadata=metadata))
    fact = _orders(customer)
    tracker.update(BotUttered(fact, metadata={"trace": {"facts": [{"kind": "order", "text": fact}]}}))
    return tracker


def _orders(customer: Customer) -> str:
    """What a reply about the customer's orders says."""
    return "; ".join(f"{order.order_id}: {order.delivery_address}" for order in customer.orders)


def values_by_customer(store: CustomerStore) -> dict[str, Wanted]:
    """What tells of each customer."""
    with store.session() as session:
        connection = session.connection()
        ids = [row[0] for row in session.query(Customer.customer_id)]
        return {customer_id: values_of(rows_of(connection, customer_id)) for customer_id in ids}


def left(folder: Path, customer_id: str, values: dict[str, Wanted]) -> int:
    """How many of the customer's values, other than such as others have too, a plain search of all files finds."""
    others = {value for other, wanted in values.items() if other != customer_id for value in wanted.values}
    own = values[customer_id].without(others)
    return sum(own.count_bytes(file.read_bytes()) for file in folder.rglob("*") if file.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description="Erase customers of the demo and look for what is left.")
    parser.add_argument("--customers", type=int, default=20)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        places = prepared(folder)
        values_of_each = values_by_customer(places.store)
        ids = sorted(values_of_each)[: wanted.customers]
        before = sum(left(folder, customer_id, values_of_each) for customer_id in ids)
        done = [(erase(places, i, NOW), left(folder, i, values_of_each)) for i in ids]
    receipts = [receipt for receipt, _ in done]
    values = sum(receipt.values for receipt in receipts)
    print(f"customers erased: {len(receipts)}, all proven: {all(receipt.proven for receipt in receipts)}")
    print(f"values searched: {values} ({sum(r.shared for r in receipts)} more are others' too)")
    print(f"values found by the proof: {sum(sum(receipt.found.values()) for receipt in receipts)}")
    print(f"values found by plain search of every file: {sum(found for _, found in done)} (before: {before})")
    print(f"vectors erased: {sum(r.vectors for r in receipts)}, found: {sum(r.vectors_found for r in receipts)}")
    times = [receipt.seconds for receipt in receipts]
    print(f"seconds an erasure: median {statistics.median(times):.2f}, worst {max(times):.2f}")


if __name__ == "__main__":
    main()
