"""A shop whose customers have talked: a database, a profile index and Rasa's own tracker store."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine.url import URL

from bot.conversation import REST_CHANNEL
from bot.customers.person import person_of
from bot.customers.store import CustomerStore
from bot.privacy.conversations import Conversations
from bot.privacy.erasure import Places
from retrieval.profile_memory import ProfileMemory
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop
from tests.bot.customers.test_wording import TODAY
from tests.fakes import HashEncoder

# Who says what in which conversation, and whose it is proven to be.
SAID = (
    ("customer:C1", "C1", "Где мой заказ NL-1?"),
    ("customer:C1:phone", "C1", "А теперь?"),
    ("telegram:77", "C1", "Это снова я"),
    ("customer:C2", "C2", "Write to i@m.example, please."),
    ("anonymous:x", None, "Это Ирина Соколова, +7 000 000-00-01"),
    ("customer:C10", "C10", "Меня зовут иначе"),
)


@pytest.fixture
async def talks(tmp_path: Path) -> Conversations:
    """Conversations as Rasa writes them."""
    path = tmp_path / "conversations.db"
    store = SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(path))
    for sender, customer, text in SAID:
        tracker = DialogueStateTracker(sender, [])
        metadata = {"customer_id": customer} if customer else {}
        tracker.update(UserUttered(text, {"name": "ask"}, input_channel=REST_CHANNEL, metadata=metadata, timestamp=1e9))
        tracker.update(BotUttered("Сейчас посмотрю.", timestamp=1e9 + 1))
        await store.save(tracker)
    store.engine.dispose()
    return Conversations(URL.create("sqlite", database=str(path)))


@pytest.fixture
def places(tmp_path: Path, talks: Conversations, url: str) -> Places:
    """Everything that may hold something of C1, in SQLite and in PostgreSQL."""
    store = imported(tmp_path, write_shop(tmp_path / "shop"), url)
    memory = ProfileMemory(HashEncoder(), tmp_path / "profiles")
    remember(store, memory)
    return Places(store, memory, talks, (tmp_path / "logs",))


def remember(store: CustomerStore, memory: ProfileMemory) -> None:
    for customer_id in store.customer_ids():
        person = person_of(store, customer_id, TODAY)
        memory.update(customer_id, person.facts, person.language)
