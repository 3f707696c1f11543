from __future__ import annotations

from dataclasses import replace

import pytest

from bot.generation.comparison import LARGEST_GAP
from bot.generation.prompt import Request, Source
from bot.generation.support import FEATURES, Support
from nlu.encoder import Encoder
from retrieval.logistic import Logistic
from tests.fakes import HashEncoder

DELIVERY = Source(
    "Delivery",
    [
        "Courier delivery is free for orders from 5000 roubles.",
        "A locker keeps a parcel for 3 days, a shop keeps it for 7 days.",
        "Gifts can be returned only before Friday if the box is unopened.",
        "Furniture can't be returned.",
    ],
)
REQUEST = Request("en", "What can I do?", [DELIVERY], ["Order NL-1 goes to Kazan."])


def seen(claim: str, request: Request = REQUEST) -> dict[str, float]:
    found = Support(HashEncoder()).features(request, claim)
    assert found is not None
    return dict(zip(FEATURES, found.tolist(), strict=True))


@pytest.mark.parametrize("sentence", [*DELIVERY.sentences, *REQUEST.facts])
def test_what_the_evidence_says_itself_is_covered_and_clashes_with_nothing(sentence: str) -> None:
    found = seen(sentence)
    assert [found[name] for name in ("one", "two", "least")] == pytest.approx([1.0] * 3, abs=1e-3)
    clashes = ("denial", "words_denied", "answer", "opposite", "relation", "value", "name", "kind", "only")
    assert [found[name] for name in clashes] == [0.0] * len(clashes)


@pytest.mark.parametrize(
    ("claim", "feature"),
    [
        ("Furniture can be returned.", "denial"),
        ("Courier delivery isn't free for orders from 5000 roubles.", "denial"),
        ("No, gifts can be returned before Friday.", "answer"),
        ("Yes, furniture can't be returned.", "answer"),
        ("Courier delivery is charged for orders from 5000 roubles.", "opposite"),
        ("Gifts can be returned only after Friday if the box is unopened.", "opposite"),
        ("Gifts can be returned only before Monday if the box is unopened.", "kind"),
        ("A locker keeps a parcel for 7 days.", "value"),
        ("Gifts can be returned before Friday.", "only"),
        ("Gifts can be returned only before Friday.", "condition"),
    ],
)
def test_what_differs_from_the_evidence_shows(claim: str, feature: str) -> None:
    assert seen(claim)[feature] > 0.0


def test_a_bound_from_above_is_none_from_below() -> None:
    request = replace(REQUEST, sources=[Source("Delivery", ["Courier delivery is free up to 5000 roubles."])])
    assert seen("Courier delivery is free over 5000 roubles.", request)["relation"] == 1.0
    assert seen("Courier delivery is free until 5000 roubles.", request)["relation"] == 0.0


def test_another_name_of_the_evidence_in_a_names_place_shows() -> None:
    source = Source("Shops", ["The shop in Kazan is open daily.", "The locker in Omsk is open at night."])
    request = replace(REQUEST, sources=[source], facts=[])
    assert 0.0 < seen("You find the shop in Omsk.", request)["name"] <= LARGEST_GAP
    assert seen("You find the shop in Kazan.", request)["name"] == 0.0


def test_a_number_belongs_to_what_it_counts() -> None:
    source = Source("", ["The package holds 12 lessons of an hour each, and on top of that you get 3 films."])
    assert seen("You get 12 films.", replace(REQUEST, sources=[source]))["value"] > 0.0
    assert seen("You get 3 films.", replace(REQUEST, sources=[source]))["value"] == 0.0


def test_a_number_of_another_unit_is_no_rival() -> None:
    source = Source("Lockers", ["A locker keeps a parcel for 3 days.", "A locker for a parcel costs 90 roubles."])
    assert seen("A locker keeps it for 3 days.", replace(REQUEST, sources=[source]))["value"] == 0.0


@pytest.mark.parametrize(("claim", "request_"), [("…", REQUEST), ("It is.", Request("en", "?", []))])
def test_without_words_or_evidence_nothing_is_supported(claim: str, request_: Request) -> None:
    assert Support(HashEncoder()).judge(request_, claim) == 0.0


def test_the_weights_given_decide() -> None:
    count = len(FEATURES)
    sure = Logistic([0.0] * count, [1.0] * count, [0.0] * count, 9.0)
    assert Support(HashEncoder(), sure).judge(REQUEST, "It is.") > 0.99


@pytest.mark.parametrize(
    ("evidence", "true", "false"),
    [
        (
            ["Доставка курьером стоит 299 ₽ и занимает 1–2 дня.", "Крупный товар нельзя вернуть в пункт выдачи."],
            "крупный товар в пункт выдачи вернуть нельзя.",
            "крупный товар в пункт выдачи вернуть можно.",
        ),
        (
            ["Возврат оформляют только с чеком.", "Ремонт занимает 14 дней.", "Обмен занимает 3 дня."],
            "обмен займёт 3 дня.",
            "обмен займёт 14 дней.",
        ),
        (
            ["Courier delivery is free for orders from 5,000 roubles.", "The shop is closed on Sundays."],
            "delivery by courier is free from 5,000 roubles.",
            "delivery by courier is charged from 5,000 roubles.",
        ),
    ],
)
def test_the_shipped_weights_tell_true_from_broken(
    encoder: Encoder, evidence: list[str], true: str, false: str
) -> None:
    support = Support(encoder)
    request = Request("en", "", [Source("", evidence)])
    assert support.judge(request, true) > support.judge(request, false) + 0.2
