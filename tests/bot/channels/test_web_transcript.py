from __future__ import annotations

from email import message_from_bytes
from pathlib import Path

import pytest

from bot.channels import web_transcript
from bot.customers.store import CustomerStore
from bot.settings import Settings
from bot.transcript import A_DAY
from tests.bot.channels.web_server import Start, customer
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop

pytestmark = pytest.mark.usefixtures("ratings")


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the mail server."""
    store: CustomerStore = imported(tmp_path, write_shop(tmp_path / "shop"))
    monkeypatch.setattr("bot.channels.web.CustomerStore", lambda _: store)
    monkeypatch.setattr(web_transcript, "load_settings", lambda: Settings(codes=f"file:{tmp_path}/letters"))
    return tmp_path / "letters"


async def test_customers_get_their_own_conversation_at_their_own_address(start: Start, letters: Path) -> None:
    server = await start()
    mine, theirs = await server.client(customer("C1")), await server.client(customer("C2"))
    await mine.until("done", await mine.say("где заказ?"))
    await theirs.until("done", await theirs.say("where is it?"))
    assert await mine.ask("transcript", {"to": "thief@mail.example"}) == {"ok": True, "to": "i•••@m.example"}
    (path,) = letters.iterdir()
    message = message_from_bytes(path.read_bytes())
    assert message["To"] == "i@m.example"
    plain = message.get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "где заказ?" in plain and "where" not in plain and "Здравствуйте" in plain


async def test_visitors_are_told_to_sign_in(start: Start, letters: Path) -> None:
    visitor = await (await start()).client()
    await visitor.until("done", await visitor.say("hello"))
    assert await visitor.ask("transcript") == {"error": "sign_in"}
    assert not letters.exists()


async def test_what_is_refused_is_told_by_its_code(
    start: Start, letters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await (await start()).client(customer("C1"))
    assert await client.ask("transcript") == {"error": "empty"}
    await client.until("done", await client.say("hello"))
    letters.write_text("in the way")
    assert await client.ask("transcript") == {"error": "unsent"}
    letters.unlink()
    for _ in range(A_DAY):
        assert (await client.ask("transcript"))["ok"]
    assert await client.ask("transcript") == {"error": "limit"}
