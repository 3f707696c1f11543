from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import chain

import pytest

from bot.generation.examples import ANONYMOUS, HINTED_RIGHTLY, IS_SUPPORTED, NAMES, Claim, Examples, Written, address
from bot.generation.pages import Page
from bot.generation.prompt import NEAREST
from nlu.language import script_language
from retrieval.scenarios import LANGUAGES, Case, Scenario

NUMBERS = range(4)  # of the sentences of a passage
SEEDS = range(60)
DISCOUNT = 7  # per cent by a customer's own fact; a passage knows of no such number


def case(passage: int, number: int) -> Case:
    """Asks for the price of one thing; the last thing's is less by the customer's own discount."""
    thing, own = f"{passage}{number}", number == NUMBERS[-1]
    fact = {"ru": f"У клиента скидка {DISCOUNT}{thing} %.", "en": f"The customer has {DISCOUNT}{thing} % off."}
    less = {"ru": f" без {DISCOUNT}{thing} %", "en": f" less {DISCOUNT}{thing} %"}
    told = {language: less[language] if own else "" for language in LANGUAGES}
    return Case(
        questions={"ru": [f"Почём товар {thing}?"], "en": [f"How much is item {thing}?"]},
        answer=[number],
        replies={
            "en": f"{{name}}, for item {thing} you can pay {{price}} ₽{told['en']}.",
            "ru formal": f"{{name}}, за товар {thing} вы можете заплатить {{price}} ₽{told['ru']}.",
            "ru informal": f"{{name}}, за товар {thing} ты можешь заплатить {{price}} ₽{told['ru']}.",
        },
        facts={language: [fact[language]] * own for language in LANGUAGES},
    )


def scenario(passage: int) -> Scenario:
    return Scenario(
        "shop",
        {"ru": f"Товары {passage}", "en": f"Items {passage}"},
        {
            "ru": [f"Товар {passage}{n} можно купить за {{price}} ₽." for n in NUMBERS],
            "en": [f"Item {passage}{n} can be bought for {{price}} ₽." for n in NUMBERS],
        },
        [case(passage, n) for n in NUMBERS],
        {"ru": [], "en": []},
        {"price": {"ru": ["100", "200"], "en": ["100", "200"]}},
    )


def examples(seed: int, passages: int = 3) -> Examples:
    """Of pages of which each lacks one sentence."""
    choice = random.Random(seed)
    pages = []
    for passage in range(1, passages + 1):
        lacking = choice.choice(NUMBERS)
        kept = [n for n in NUMBERS if n != lacking]
        pages.append(Page(scenario(passage).filled(choice), choice.choice(LANGUAGES), kept))
    return Examples(pages, choice)


def written() -> Iterator[Written]:
    return chain.from_iterable(examples(seed).written(8) for seed in SEEDS)


def claims(kind: str | None = None) -> Iterator[Claim]:
    made = chain.from_iterable(examples(seed).claims(8) for seed in SEEDS)
    return (claim for claim in made if kind in (None, claim.kind))


def asked_about(one: Written | Claim) -> str:
    """The thing's number."""
    (found,) = re.findall(r"\d+", one.request.question)
    return str(found)


def tells_of(sentence: str, thing: str) -> bool:
    return re.match(rf"(?:Товар|Item) {thing}\b", sentence) is not None


# -- replies ----------------------------------------------------------------------------------


def test_a_reply_stands_before_the_page_that_holds_its_answer() -> None:
    for seed in SEEDS:
        made = examples(seed)
        for one in made.written(8):
            assert one.request.sources == [made.pages[one.passage].source]
            assert any(tells_of(sentence, asked_about(one)) for sentence in one.request.sentences)
            assert asked_about(one) in one.reply


def test_what_a_page_lacks_the_answer_of_is_not_replied_to() -> None:
    made = examples(1)
    assert len([*made.written(99)]) == len(made.pages) * (len(NUMBERS) - 1)


def test_a_reply_that_needs_the_customers_fact_has_it() -> None:
    rests = [one for one in written() if f" {DISCOUNT}{asked_about(one)} %" in one.reply]
    assert rests
    assert all(any(f" {DISCOUNT}{asked_about(one)} %" in fact for fact in one.request.facts) for one in rests)


def test_some_requests_have_a_fact_that_does_not_matter() -> None:
    idle = [[f for f in one.request.facts if f" {DISCOUNT}{asked_about(one)} %" not in f] for one in written()]
    assert 0 < sum(map(bool, idle)) < len(idle) / 2


def test_the_nearest_sentences_are_different_ones_that_are_there() -> None:
    for one in written():
        assert len({*one.request.nearest}) == len(one.request.nearest) == NEAREST
        assert all(0 <= n < len(one.request.sentences) for n in one.request.nearest)


def test_in_most_requests_what_answers_is_nearest_and_in_some_it_is_second() -> None:
    first = [tells_of(one.request.sentences[one.request.nearest[0]], asked_about(one)) for one in written()]
    assert sum(first) / len(first) == pytest.approx(HINTED_RIGHTLY, abs=0.1)
    for one in written():
        assert any(tells_of(one.request.sentences[n], asked_about(one)) for n in one.request.nearest)


def test_replies_are_in_the_questions_language_and_form() -> None:
    for one in written():
        assert script_language(one.reply) == script_language(one.request.question) == one.request.language
        if one.request.language == "ru":
            assert ("ты можешь" in one.reply) == (one.request.form == "informal")


def test_some_requests_are_in_another_language_than_the_passage() -> None:
    same = [script_language(one.request.sentences[0]) == one.request.language for one in written()]
    assert 0.5 < sum(same) / len(same) < 1


def test_a_reply_addresses_the_customer_where_the_name_is_known() -> None:
    for one in written():
        assert one.request.name in ["", *NAMES[one.request.language]]
        assert one.reply.startswith(f"{one.request.name}, " if one.request.name else ("For", "За"))


def test_some_customers_are_unknown_and_nobody_has_facts_of_somebody_unknown() -> None:
    drawn: list[Written | Claim] = [*written(), *claims()]
    unknown = [one for one in drawn if not one.request.name]
    assert 0 < len(unknown) / len(drawn) < ANONYMOUS + 0.05
    assert not any(one.request.facts for one in unknown)


@pytest.mark.parametrize(
    ("reply", "name", "expected"),
    [
        (", you can pay.", "", "You can pay."),
        ("Anna, you can pay.", "Anna", "Anna, you can pay."),
        ("You can pay.", "", "You can pay."),
        (", ёлку везём.", "", "Ёлку везём."),
        ("", "", ""),
    ],
)
def test_a_reply_without_a_name_starts_afresh(reply: str, name: str, expected: str) -> None:
    assert address(reply, name) == expected


# -- claims -----------------------------------------------------------------------------------


def test_about_half_the_claims_are_true() -> None:
    kinds = [claim.kind for claim in claims()]
    assert {IS_SUPPORTED, "number", "opposite", "customer", "passage"} <= {*kinds}
    assert 0.4 < kinds.count(IS_SUPPORTED) / len(kinds) < 0.65


def test_a_true_claim_stands_before_its_page_with_its_fact() -> None:
    for claim in claims(IS_SUPPORTED):
        thing = asked_about(claim)
        assert any(tells_of(sentence, thing) for sentence in claim.request.sentences)
        if f" {DISCOUNT}{thing} %" in claim.text:
            assert any(f" {DISCOUNT}{thing} %" in fact for fact in claim.request.facts)


def test_a_claim_does_not_begin_with_the_address() -> None:
    assert not any(claim.text.startswith(name + ",") for claim in claims() for name in [*NAMES["ru"], *NAMES["en"]])


def test_broken_claims_alone_are_not_as_they_were_written() -> None:
    for seed in SEEDS:
        made = examples(seed)
        cases = {f"{n}{case.answer[0]}": case for n, page in enumerate(made.pages, 1) for case in page.scenario.cases}
        for claim in made.claims(8):
            replies = cases[asked_about(claim)].replies.values()
            true = {reply.removeprefix("{name}, ").lower() for reply in replies}
            assert (claim.text.lower() in true) == (claim.kind in (IS_SUPPORTED, "customer", "passage"))


def test_a_claim_of_another_passage_stands_before_one_that_does_not_tell_of_it() -> None:
    found = [*claims("passage")]
    assert found
    for claim in found:
        assert not any(tells_of(sentence, asked_about(claim)) for sentence in claim.request.sentences)


def test_a_claim_of_another_customer_stands_without_the_fact_that_it_rests_on() -> None:
    found = [*claims("customer")]
    assert found
    for claim in found:
        own = f" {DISCOUNT}{asked_about(claim)} %"
        assert own in claim.text and not any(own in fact for fact in claim.request.facts)


def test_a_claim_looks_true_unless_comparing_values_finds_it_out() -> None:
    assert all(claim.looks_true for claim in claims(IS_SUPPORTED))
    assert all(claim.looks_true for claim in claims("opposite"))
    assert not any(claim.looks_true for claim in [*claims("customer"), *claims("passage")])


def test_every_claim_stands_before_the_page_that_it_names() -> None:
    for seed in SEEDS:
        made = examples(seed)
        assert all(one.request.sources == [made.pages[one.passage].source] for one in made.claims(8))


def test_a_company_with_one_passage_has_claims_too() -> None:
    made = [claim for seed in SEEDS for claim in examples(seed, passages=1).claims(3)]
    assert made and "passage" not in {claim.kind for claim in made}


# -- both -------------------------------------------------------------------------------------


def test_no_slot_is_left() -> None:
    assert not any(re.search(r"\{\w+\}", str(one)) for one in [*written(), *claims()])


def test_the_same_seed_draws_the_same() -> None:
    def drawn(seed: int) -> list[object]:
        made = examples(seed)
        return [*made.written(5), *made.claims(8)]

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)
