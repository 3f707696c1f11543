from __future__ import annotations

import pytest

from bot.generation.address_form import says_otherwise
from bot.generation.prompt import FORMAL, INFORMAL


@pytest.mark.parametrize(
    "sentence",
    [
        "Ты можешь вернуть чайник.",
        "Чайник можно вернуть, если твой чек цел.",
        "Получишь деньги за 3 дня.",
        "Не торопишься?",
    ],
)
def test_who_is_addressed_formally_hears_no_ty(sentence: str) -> None:
    assert says_otherwise(sentence, FORMAL) and not says_otherwise(sentence, INFORMAL)


@pytest.mark.parametrize("sentence", ["Вам вернут деньги за 3 дня.", "По вашему чеку.", "Сможете забрать завтра."])
def test_who_is_addressed_informally_hears_no_vy(sentence: str) -> None:
    assert says_otherwise(sentence, INFORMAL) and not says_otherwise(sentence, FORMAL)


@pytest.mark.parametrize(
    "sentence",
    [
        "Вернём лишь часть суммы.",
        "Заказ ищут в интернете и в кредите отказывают.",
        "Кнопка «Твой заказ» рядом с «Ваш чек».",
        "Чайник греет воду за 3 минуты.",
    ],
)
def test_what_addresses_nobody_suits_everybody(sentence: str) -> None:
    assert not says_otherwise(sentence, FORMAL) and not says_otherwise(sentence, INFORMAL)
