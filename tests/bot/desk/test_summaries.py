from __future__ import annotations

from rasa_sdk.executor import ActionExecutor

from bot.actions.form import TRANSACTIONS
from bot.desk import summaries
from bot.desk.summaries import summary_of, worded

KNOWN = {"ru": "NL-1, ошибка\nв заказе", "en": "NL-1, a mistake"}
ORDERS = [("NL-1", "in_transit"), ("NL-2", "packed")]
KEPT = summary_of(["Где он?", "Я жду\nс утра"], "cancel_order", KNOWN, ORDERS)


def test_a_summary_is_read_in_the_readers_language() -> None:
    assert worded(KEPT, "ru").split("\n") == [
        "Клиент написал: Где он? / Я жду с утра",
        "Не закончено: отмена заказа (NL-1, ошибка в заказе)",
        "Открытые заказы: NL-1 (в пути), NL-2 (собран)",
    ]
    assert worded(KEPT, "en").split("\n")[1:] == [
        "Unfinished: cancelling an order (NL-1, a mistake)",
        "Open orders: NL-1 (on its way), NL-2 (packed)",
    ]


def test_what_the_customer_wrote_is_left_as_it_is() -> None:
    assert worded(summary_of(["state: (packed)"], "", {}, []), "ru") == "Клиент написал: state: (packed)"


def test_of_what_has_just_begun_only_its_name_is_told() -> None:
    assert worded(summary_of([], "call_back", {"ru": "", "en": ""}, []), "en") == "Unfinished: a call back"


def test_where_nothing_was_written_that_is_said() -> None:
    assert worded(summary_of([], "", {}, []), "en") == "A person is wanted; nothing was written."


def test_every_transaction_has_words() -> None:
    ActionExecutor().register_package("bot.actions")
    assert TRANSACTIONS
    for words in summaries.TRANSACTIONS.values():
        assert set(words) >= set(TRANSACTIONS)
