from __future__ import annotations

from retrieval.report.counterparts import Counterpart, counterparts
from tests.retrieval.report.contents import content, document

DELIVERY = document("d-en", "en", "Delivery", "Courier brings order in 2 days.", "Courier waits 10 minutes.")
DOSTAVKA = document("d-ru", "ru", "Доставка", "Курьер привозит заказ за 2 дня.", "Курьер ждёт 10 минут.")
RETURN = document("r-en", "en", "Return", "Item may back within 14 days.", "Warranty 12 months for phone.")
VOZVRAT = document("r-ru", "ru", "Возврат", "Товар можно вернуть в течение 14 дней.", "Гарантия 12 месяцев телефон.")


def test_translations_find_each_other() -> None:
    pairs = counterparts(content(DELIVERY, RETURN, VOZVRAT, DOSTAVKA))
    assert pairs == [Counterpart("d-en", "d-ru"), Counterpart("r-en", "r-ru")]


def test_a_document_on_another_subject_is_no_translation() -> None:
    assert counterparts(content(DELIVERY, RETURN, VOZVRAT)) == [Counterpart("r-en", "r-ru")]


def test_one_language_alone_or_nothing_has_none() -> None:
    assert counterparts(content(DELIVERY, RETURN)) == counterparts(content()) == []
