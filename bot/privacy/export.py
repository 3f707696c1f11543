"""Everything that is held of a customer, for the customer: as JSON and as a page to read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.customers.facts import facts_of
from bot.customers.models import Customer
from bot.customers.store import CustomerStore, get_customer
from bot.privacy.conversations import Conversations
from bot.privacy.ownership import rows_of

HEADINGS = {
    "ru": {
        "title": "Что мы храним о вас",
        "made": "Составлено",
        "facts": "Что из этого знает ассистент",
        "conversations": "Переписка с ассистентом",
        "you": "Вы",
        "assistant": "Ассистент",
        "person": "Сотрудник",
        "nothing": "Ничего.",
        "customers": "Ваш профиль",
        "orders": "Заказы",
        "order_items": "Товары в заказах",
        "delivery_events": "Ход доставки",
        "payments": "Платежи",
        "tickets": "Обращения",
        "browsing_events": "Просмотры",
        "consents": "Согласия",
        "preferences": "Настройки",
        "remembered_facts": "Что вы просили запомнить",
        "audit_entries": "Что ассистент для вас сделал",
        "kept_requests": "Просьбы, которые ждут магазина",
        "verification_codes": "Отправленные коды подтверждения",
        "feedback": "Ваши оценки ответов",
        "attachments": "Ваши файлы",
        "telegram_chats": "Ваши чаты в Telegram",
        "telegram_codes": "Ссылки для привязки Telegram",
        "telegram_updates": "Сообщения из Telegram, ещё не отвеченные",
        "telegram_buttons": "Кнопки под сообщениями в Telegram",
        "telegram_answers": "Ответы в Telegram, которые можно оценить",
        "notice_consents": "Куда вам можно писать первыми",
        "outbox": "Уведомления",
        "handovers": "Разговоры, переданные сотрудникам",
        "desk_notes": "Заметки сотрудников",
        "desk_letters": "Сообщения в пути",
    },
    "en": {
        "title": "What we keep about you",
        "made": "Made on",
        "facts": "What the assistant knows of it",
        "conversations": "Your conversations with the assistant",
        "you": "You",
        "assistant": "Assistant",
        "person": "Our colleague",
        "nothing": "Nothing.",
        "customers": "Your profile",
        "orders": "Orders",
        "order_items": "Items of the orders",
        "delivery_events": "Deliveries",
        "payments": "Payments",
        "tickets": "Requests",
        "browsing_events": "Pages viewed",
        "consents": "Consents",
        "preferences": "Preferences",
        "remembered_facts": "What you asked us to remember",
        "audit_entries": "What the assistant did for you",
        "kept_requests": "Requests waiting for the shop",
        "verification_codes": "Confirmation codes sent",
        "feedback": "Your ratings of answers",
        "attachments": "Your files",
        "telegram_chats": "Your Telegram chats",
        "telegram_codes": "Links for binding Telegram",
        "telegram_updates": "Telegram messages not answered yet",
        "telegram_buttons": "Buttons below Telegram messages",
        "telegram_answers": "Telegram answers that can be rated",
        "notice_consents": "Where we may write to you first",
        "outbox": "Notices",
        "handovers": "Conversations handed to a person",
        "desk_notes": "Notes of people who answered",
        "desk_letters": "Messages on their way",
    },
}


def export(store: CustomerStore, conversations: Conversations, customer_id: str, now: dt.datetime) -> dict[str, Any]:
    """All rows, facts and conversations of a customer, as values that JSON knows (with ``default=str``).

    Raises:
        UnknownCustomer: there is none with this id.
    """
    with store.session() as session:
        customer: Customer = get_customer(session, customer_id)
        language = str(customer.language)
        return {
            "customer_id": customer_id,
            "exported_at": now.isoformat(timespec="seconds"),
            "language": language,
            "tables": {name: rows for name, rows in rows_of(session.connection(), customer_id).items() if rows},
            "facts": [fact.text(language) for fact in facts_of(customer, now.date())],
            "conversations": conversations.of(customer_id),
        }


def as_page(exported: dict[str, Any]) -> str:
    """The export as one HTML page without anything from elsewhere, in the customer's language."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    said = [_said(conversation["events"]) for conversation in exported["conversations"]]
    headings = HEADINGS[exported["language"]]
    page = environment.get_template("export.html.j2")
    return page.render(export=exported, conversations=[lines for lines in said if lines], headings=headings)


def _said(events: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The messages of a conversation: who, when, what."""
    return [
        {
            "who": "you" if event["event"] == "user" else _speaker(event),
            "at": dt.datetime.fromtimestamp(event.get("timestamp") or 0).isoformat(" ", "minutes"),
            "text": event["text"],
        }
        for event in events
        if event.get("event") in ("user", "bot") and event.get("text")
    ]


def _speaker(event: dict[str, Any]) -> str:
    return "person" if (event.get("metadata") or {}).get("agent") else "assistant"
