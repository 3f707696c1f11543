from __future__ import annotations

from bot.generation.examples import Sheet, Task
from bot.generation.hints import hinted
from bot.generation.prompt import NEAREST, Request, Source, reply, reply_task
from tests.fakes import HashEncoder

SOURCES = [
    Source("Delivery", ["A courier costs 299 ₽.", "A locker keeps parcels for three days."]),
    Source("Returns", ["Goods come back within 14 days.", "Opened software stays sold."]),
    Source("Payment", ["Cards are welcome."]),
]


def sheet(*questions: str) -> Sheet:
    asked = [Request("en", question, SOURCES) for question in questions]
    replies = [Task(one, reply_task(one), reply("A", "Yes."), "A") for one in asked]
    return Sheet(SOURCES, replies, "shop")


def test_the_nearest_sentences_are_named_best_first() -> None:
    (made,) = hinted([sheet("How long does a locker keep parcels?", "opened software")], HashEncoder(), 1, noise=0.0)
    first, second = made.tasks
    assert first.request.nearest[0] == 1 and len(first.request.nearest) == NEAREST
    assert second.request.nearest[0] == 3
    assert "\nNearest: B " in first.prompt and first.prompt == reply_task(first.request)


def test_noise_makes_hints_err_alike_for_the_same_seed() -> None:
    sheets = [sheet("How long does a locker keep parcels?") for _ in range(20)]
    made = [[s.tasks[0].request.nearest for s in hinted(sheets, HashEncoder(), 1, noise=1.0)] for _ in range(2)]
    assert made[0] == made[1]
    assert len({tuple(nearest) for nearest in made[0]}) > 1
