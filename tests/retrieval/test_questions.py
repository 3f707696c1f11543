from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.questions import MOST, questions_in


@pytest.mark.parametrize(
    ("message", "questions"),
    [
        (
            "сколько стоит доставка и можно ли вернуть товар без чека?",
            ["сколько стоит доставка", "можно ли вернуть товар без чека?"],
        ),
        (
            "Скажите, где найти чек, а также как сменить получателя?",
            ["Скажите, где найти чек", "как сменить получателя?"],
        ),
        ("доставка в Омск сколько стоит, можно картой?", ["доставка в Омск сколько стоит", "можно картой?"]),
        (
            "до какой суммы рассрочка и за сколько дней доставка",
            ["до какой суммы рассрочка", "за сколько дней доставка"],
        ),
        ("How do I pay, is there a student discount?", ["How do I pay", "is there a student discount?"]),
        ("When do points arrive? Also, do they expire?", ["When do points arrive?", "do they expire?"]),
        ("do you repair phones and what does it cost", ["do you repair phones", "what does it cost"]),
        (
            "What is express, can I have it free, and how much is it?",
            ["What is express", "can I have it free", "how much is it?"],
        ),
    ],
)
def test_each_question_is_a_part(message: str, questions: list[str]) -> None:
    assert questions_in(message) == questions


@pytest.mark.parametrize(
    "message",
    [
        "Купил чайник неделю назад. Он течёт. Можно вернуть?",
        "Можно ли платить картой и наличными?",
        "Купил телефон и ноутбук, можно вернуть только телефон?",
        "Телевизор включил, а звука нет, и пульт не помогает. Что делать?",
        "Когда я оплатил заказ, деньги списали дважды. Можно вернуть?",
        "Скажите, как и когда вернут деньги?",
        "Не знаю, где чек и куда звонить.",
        "Сколько раз вам писать! Где мой заказ?",
        "Do you deliver to Omsk and Tomsk?",
        "I bought a kettle last week and it leaks. Can I return it?",
        "My order is in transit, and it hasn't moved in three days. Is that normal? I'm worried.",
        "Can I return it, or is it too late?",
        "Where is my order? Why?",
        "Привет!",
        "",
        " \n",
        "?!…",
    ],
)
def test_one_question_stays_whole(message: str) -> None:
    assert questions_in(message) == [message]


def test_what_is_told_stays_with_the_question_after_it() -> None:
    assert questions_in("Где мой чек? Часы купил вчера. Ремешок велик. Можно ли его поменять? Заранее спасибо!") == [
        "Где мой чек?",
        "Часы купил вчера. Ремешок велик. Можно ли его поменять? Заранее спасибо!",
    ]


def test_a_condition_stays_with_the_question_before_it() -> None:
    assert questions_in("Сколько стоит доставка, если дом без лифта, и можно ли картой?") == [
        "Сколько стоит доставка, если дом без лифта",
        "можно ли картой?",
    ]


def test_many_questions_are_left_whole() -> None:
    message = " ".join(["Где мой заказ?"] * (MOST + 1))
    assert questions_in(message) == [message]


@given(st.text(alphabet="а бв?!.,\nик", max_size=60))
def test_the_parts_are_of_the_message_in_its_order(message: str) -> None:
    parts = questions_in(message)
    assert 1 <= len(parts) <= MOST
    place = 0
    for part in parts:
        place = message.index(part, place) + len(part)
