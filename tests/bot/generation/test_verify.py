from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.generation.literal import Evidence
from bot.generation.prompt import INFORMAL, Request, Source
from bot.generation.verify import Verdict, Verifier, nearest, split_sentences, without_address

RETURNS = Evidence("returns", ["Goods can be returned within 14 days.", "The receipt is not needed."], "Returns")
ORDER = Evidence("fact 1", ["Order NL-104001 is on its way."])
REQUEST = Request("en", "Until when?", [Source("Returns", RETURNS.sentences)], ORDER.sentences, "Ann")


class SureJudge:
    """Holds every claim for as likely as it is told, and remembers them."""

    def __init__(self, probability: float) -> None:
        self.probability = probability
        self.claims: list[str] = []

    def judge(self, request: Request, claim: str) -> float:
        self.claims.append(claim)
        return self.probability


def check(sentence: str, probability: float = 1.0) -> Verdict:
    return Verifier(SureJudge(probability), 0.6).check(sentence, REQUEST, [RETURNS, ORDER])


def test_what_is_literally_right_and_judged_true_is_supported() -> None:
    assert check("Ann, you have 14 days.", 0.9) == Verdict("Ann, you have 14 days.", "returns", 0.9)


@pytest.mark.parametrize(("probability", "supported"), [(0.6, True), (0.59, False), (0.0, False)])
def test_the_threshold_decides(probability: float, supported: bool) -> None:
    verdict = check("You have 14 days.", probability)
    assert (verdict.supported, verdict.score) == (supported, probability)
    assert bool(verdict.reason) != supported


def test_no_judgement_makes_a_wrong_number_right() -> None:
    judge = SureJudge(1.0)
    verdict = Verifier(judge, 0.6).check("You have 30 days.", REQUEST, [RETURNS, ORDER])
    assert not verdict.supported and "30" in verdict.reason
    assert judge.claims == []


def test_who_is_on_ty_is_not_told_vy_however_true_it_is() -> None:
    request = Request("ru", "До какого?", [Source("Возврат", ["Вернуть можно за 14 дней."])], form=INFORMAL)
    told = [Evidence("returns", request.sentences)]
    for sentence, supported in (("У тебя 14 дней.", True), ("У вас 14 дней.", False)):
        verdict = Verifier(SureJudge(1.0), 0.6).check(sentence, request, told)
        assert verdict.supported == supported and ("form" in verdict.reason) != supported


def test_the_judge_hears_the_claim_without_the_address() -> None:
    judge = SureJudge(1.0)
    Verifier(judge, 0.6).check("Ann, you have 14 days.", REQUEST, [RETURNS, ORDER])
    assert judge.claims == ["you have 14 days."]


def test_a_sentence_is_credited_to_the_piece_with_its_values() -> None:
    assert check("Order NL-104001 of goods is on its way.").source == "fact 1"
    assert nearest("The receipt is not needed.", [ORDER, RETURNS]) == RETURNS


@pytest.mark.parametrize(
    ("sentence", "name", "bare"),
    [
        ("Ann, you can.", "Ann", "you can."),
        ("Ms Bell: you can.", "Ms Bell", "you can."),
        ("Annual fees apply.", "Ann", "Annual fees apply."),
        ("You can.", "", "You can."),
    ],
)
def test_an_address_is_the_name_before_a_comma(sentence: str, name: str, bare: str) -> None:
    assert without_address(sentence, name) == bare


@given(st.text())
def test_sentences_hold_all_of_a_text(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_sentences_end_at_stops_before_capitals() -> None:
    assert split_sentences("1. Open it. Wait.\n12. Shut it.\n• TVs: 24") == [
        "1. Open it.",
        "Wait.",
        "12. Shut it.",
        "• TVs: 24",
    ]
    assert split_sentences("Да. «Нет»! 1.5 kg, e.g. a kettle? Yes.") == ["Да.", "«Нет»! 1.5 kg, e.g. a kettle?", "Yes."]
