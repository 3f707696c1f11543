"""A customer in a real browser and a person at the desk, on a real server with a scripted assistant."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from bot.desk.desk import PASSWORD as VARIABLE
from bot.desk.signing_in import COOKIE
from tests.bot.desk.office import PASSWORD, AgentClient
from tests.e2e.browsing import Shop, Visit
from tests.e2e.test_web import browser, folder  # noqa: F401 - fixtures

WORDS = {
    "en": ("Talk to a person", "Anna answers from here on.", "I see your order, one moment.", "it is me again"),
    "ru": ("Позвать человека", "Теперь отвечает Анна.", "Вижу ваш заказ, минуту.", "снова отвечаю я, помощник"),
}
NAMES = {"en": "Anna", "ru": "Анна"}
ORDER = {"en": "Where is my order?", "ru": "Где мой заказ?"}


class Anna:
    """Somebody at the desk: a client on a loop of its own, since the browser's driver has this thread's."""

    def __init__(self, url: str, name: str) -> None:
        answer = httpx.post(f"{url}/desk/sign-in", json={"name": name, "password": PASSWORD})
        self._client = AgentClient(answer.cookies[COOKIE])
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._run(self._client.connect(url, {}, None))

    def does(self, event: str, **data: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._run(self._client.does(event, **data))
        return answer

    def leave(self) -> None:
        self._run(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[Shop]:  # noqa: F811
    shop = Shop(folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(VARIABLE, PASSWORD)
        shop.start()
    yield shop
    shop.kill()


@pytest.mark.parametrize(("language", "customer"), [("en", "C003"), ("ru", "C001")])
def test_a_person_is_called_answers_and_hands_back(
    shop: Shop,
    browser: Browser,  # noqa: F811
    language: str,
    customer: str,
) -> None:
    call, joined, answer, back = WORDS[language]
    context = browser.new_context(locale={"en": "en-GB", "ru": "ru-RU"}[language])
    visit = Visit(shop, context, language).go().sign_in(customer).open_chat()
    anna = Anna(shop.url, NAMES[language])
    try:
        visit.page.get_by_role("button", name=call).click()
        expect(
            visit.panel.get_by_text({"en": "called a person", "ru": "Позвал сотрудника"}[language]).last
        ).to_be_visible()
        (waiting,) = anna.does("queue")["waiting"]
        opened = anna.does("open", id=waiting["id"])
        assert opened["customer"]["id"] == customer and opened["summary"]
        anna.does("take", id=waiting["id"])
        expect(visit.panel.get_by_text(joined).last).to_be_visible()
        visit.say(ORDER[language])
        expect(visit.panel.get_by_text(ORDER[language]).last).to_be_visible()
        anna.does("reply", id=waiting["id"], key="reply-in-" + language, text=answer)
        expect(visit.panel.get_by_text(answer).last).to_be_visible()
        texts = [said["text"] for said in anna.does("open", id=waiting["id"])["thread"]]
        assert texts[-3:] == [joined, ORDER[language], answer]  # and nothing of the assistant's
        visit.page.reload()
        visit.open_chat()
        expect(visit.panel.get_by_text(answer).last).to_be_visible()
        anna.does("hand_back", id=waiting["id"])
        expect(visit.panel.get_by_text(back).last).to_be_visible()
        visit.say(ORDER[language])
        expect(visit.panel.get_by_text("NL-106851").last).to_be_visible()
        assert visit.errors == []
    finally:
        anna.leave()
        context.close()
