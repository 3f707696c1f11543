from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.generation.verify import Evidence, Verdict, Verifier, split_sentences, values
from tests.fakes import HashEncoder

DELIVERY = Evidence(
    "delivery",
    [
        "Доставка курьером в Москву стоит 299 ₽ и занимает 1–2 дня.",
        "При заказе от 5 000 ₽ доставка бесплатна.",
        "Крупногабаритный товар нельзя вернуть в пункт выдачи.",
    ],
)
RETURNS = Evidence(
    "returns",
    [
        "Goods can be returned within 14 days of 5 May.",
        "Opened software cannot be returned to the shop.",
        "Write to help@polaris.example or open https://polaris.example/returns.",
    ],
)
ORDER = Evidence("fact 1", ["Order NL-104001 (Aurora earbuds) is on its way, expected 26 November."])


def check(reply: str, *evidence: Evidence, question: str = "", name: str = "") -> Verdict:
    """The verdict on a reply of one sentence."""
    (verdict,) = Verifier(HashEncoder()).check(reply, evidence, question, name)
    assert verdict.sentence == reply
    return verdict


@pytest.mark.parametrize("sentence", [*DELIVERY.sentences, *RETURNS.sentences, *ORDER.sentences])
def test_the_evidences_own_sentences_are_supported(sentence: str) -> None:
    verdict = check(sentence, DELIVERY, RETURNS, ORDER)
    assert verdict.supported
    assert verdict.source == next(e.source for e in (DELIVERY, RETURNS, ORDER) if sentence in e.sentences)


@pytest.mark.parametrize(
    "sentence",
    [
        "Доставка курьером стоит 299 ₽.",
        "Курьером в Москву — 299 ₽ за 1–2 дня.",
        "Доставка займёт 2 дня, курьером.",  # an end of a range
        "От 5000 ₽ доставка бесплатна.",  # another spelling of the same number
        "От 5\u00a0000 ₽ доставка бесплатна.",
    ],
)
def test_another_wording_of_the_same_is_supported(sentence: str) -> None:
    assert check(sentence, DELIVERY).supported


@pytest.mark.parametrize(
    ("sentence", "foreign"),
    [
        ("Доставка курьером в Москву стоит 199 ₽.", "199"),
        ("Доставка курьером занимает 1–3 дня.", "1-3"),
        ("При заказе от 50 000 ₽ доставка бесплатна.", "50000"),
        ("Goods can be returned within 30 days.", "30"),
        ("Goods can be returned within 14 days of 5 June.", "month 6"),
        ("Order NL-104002 is on its way.", "NL-104002"),
        ("Order NL-104001 is on its way, expected 26 December.", "month 12"),
        ("Write to help@polaris.test about goods.", "help@polaris.test"),
        ("Open https://polaris.example/return for returned goods.", "https://polaris.example/return"),
        ("Доставка курьером в Казань стоит 299 ₽ и занимает 1–2 дня.", "Казань"),
        ("Order NL-104001 (Aurora headset) is on its way to Kazan.", "Kazan"),
    ],
)
def test_a_value_or_name_from_nowhere_is_named(sentence: str, foreign: str) -> None:
    verdict = check(sentence, DELIVERY if "а" in sentence else RETURNS, *([ORDER] if "NL" in sentence else []))
    assert not verdict.supported
    assert foreign in verdict.reason.partition("not in the evidence: ")[2].split(", ")


@pytest.mark.parametrize(
    "sentence",
    [
        "Скидка студентам действует каждый вторник.",
        "Наш магазин работает круглосуточно без выходных.",
        "Gift cards never expire anywhere.",
    ],
)
def test_words_from_nowhere_are_unsupported(sentence: str) -> None:
    verdict = check(sentence, DELIVERY, RETURNS)
    assert not verdict.supported
    assert verdict.reason


@pytest.mark.parametrize(
    "sentence",
    [
        "Goods cannot be returned within 14 days of 5 May.",
        "Opened software can be returned to the shop.",
        "Крупногабаритный товар можно вернуть в пункт выдачи.",
        "При заказе от 5 000 ₽ доставка не бесплатна.",
    ],
)
def test_a_dropped_or_added_negation_is_the_opposite(sentence: str) -> None:
    verdict = check(sentence, DELIVERY, RETURNS)
    assert not verdict.supported
    assert "opposite" in verdict.reason


def test_without_evidence_nothing_is_supported() -> None:
    assert not check("Delivery is free.").supported
    assert not check("Delivery is free.", Evidence("empty", [])).supported


def test_the_questions_words_may_be_repeated_but_not_its_numbers() -> None:
    question = "Is my birthday present returnable within 60 days?"
    sentence = "A birthday present can be returned within 14 days."
    assert check(sentence, RETURNS, question=question).supported
    assert not check(sentence.replace("14", "60"), RETURNS, question=question).supported


def test_the_customers_name_needs_no_evidence() -> None:
    sentence = "Ann, goods can be returned within 14 days."
    assert check(sentence, RETURNS, name="Ann").supported
    assert check("Goods can be returned within 14 days, Ms Harper.", RETURNS, name="Ms Harper").supported
    assert not check("Goods can be returned within 14 days, Ms Bell.", RETURNS, name="Ms Harper").supported


def test_a_sentence_may_join_an_article_with_a_fact() -> None:
    assert check("Order NL-104001 (Aurora earbuds) can be returned within 14 days.", RETURNS, ORDER).supported


def test_a_sentence_is_credited_to_the_piece_with_its_values() -> None:
    article = Evidence("article", ["The status of an order is shown in the app: it is on its way."])
    assert check("Order NL-104001 is on its way.", article, ORDER).source == "fact 1"


def test_each_sentence_has_its_own_verdict() -> None:
    verdicts = Verifier(HashEncoder()).check(
        "Goods can be returned within 14 days. Goods can be returned within 30 days.", [RETURNS]
    )
    assert [verdict.supported for verdict in verdicts] == [True, False]
    assert Verifier(HashEncoder()).check("", [RETURNS]) == []


@pytest.mark.parametrize(("cosine", "supported"), [(0.95, True), (0.60, False)])
def test_across_languages_nearness_decides(monkeypatch: pytest.MonkeyPatch, cosine: float, supported: bool) -> None:
    encoder = HashEncoder()
    claim, other = np.array([1.0, 0.0]), np.array([cosine, (1 - cosine**2) ** 0.5])
    monkeypatch.setattr(encoder, "encode", lambda texts, *_: np.stack([claim, *[other] * (len(texts) - 1)]))
    (verdict,) = Verifier(encoder).check("Товар можно вернуть за 14 дней.", [RETURNS])
    assert verdict.supported == supported


def test_across_languages_numbers_must_be_right_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = HashEncoder()
    monkeypatch.setattr(encoder, "encode", lambda texts, *_: np.ones((len(texts), 1)))
    verdicts = Verifier(encoder).check("Товар можно вернуть за 15 дней. Это правило с 5 июня.", [RETURNS])
    assert ["15" in verdicts[0].reason, "month 6" in verdicts[1].reason] == [True, True]


TEMPLATES = (
    "Доставка курьером стоит {} ₽ и занимает {} дней.",
    "Заказ от {} ₽ можно вернуть до {} мая.",
    "Order NL-{} can be returned within {} days.",
    "The courier comes from {}:00 on the last floor number {}.",
)
NUMBER = st.integers(1, 99_999)


@given(st.sampled_from(TEMPLATES), NUMBER, NUMBER, NUMBER, st.integers(0, 1))
def test_changing_any_number_of_a_supported_sentence_makes_it_unsupported(
    template: str, first: int, second: int, other: int, place: int
) -> None:
    evidence = Evidence("a", [template.format(first, second)])
    assume(other not in (first, second) and str(other) not in re.findall(r"\d+", evidence.text))
    changed = [first, second]
    changed[place] = other
    assert check(evidence.text, evidence).supported
    assert not check(template.format(*changed), evidence).supported


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 000 ₽, 5,000 and 5\u00a0000", {"5000"}),
        ("1 299 900 ₽", {"1299900"}),
        ("1,5 кг or 1.5 kg", {"1.5"}),
        ("1–2 дня, 1-2 days, 1 – 2", {"1-2"}),
        ("с 9:00 до 21:00", {"9:00", "21:00"}),
        ("26 ноября, 26 November", {"26", "month 11"}),
        ("1 мая и 2 мае", {"1", "2", "month 5"}),
        ("You may wait. Maybe in May.", {"month 5"}),
        ("маяк и майка", set()),
        ("order NL-104001, model AB-200", {"NL-104001", "AB-200"}),
        ("see https://Polaris.example/a?b=1.", {"https://polaris.example/a?b=1"}),
        ("mail help@polaris.example, please", {"help@polaris.example"}),
        ("55×40×20 cm", {"55×40×20"}),
        ("nothing here", set()),
    ],
)
def test_values_have_one_spelling(text: str, expected: set[str]) -> None:
    assert values(text) == expected


@given(st.integers(0, 10**9))
def test_thousands_separators_do_not_matter(number: int) -> None:
    spelt = {str(number), f"{number:,}", f"{number:,}".replace(",", " "), f"{number:,}".replace(",", "\u00a0")}
    assert {frozenset(values(f"for {text} roubles")) for text in spelt} == {frozenset({str(number)})}


@given(st.text())
def test_sentences_hold_all_of_a_text(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_sentences_end_at_stops_before_capitals() -> None:
    assert split_sentences("Да. «Нет»! 1.5 kg, e.g. a kettle? Yes.") == ["Да.", "«Нет»! 1.5 kg, e.g. a kettle?", "Yes."]
