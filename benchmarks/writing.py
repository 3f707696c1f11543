"""Choosing, writing and checking on companies that nothing was learnt from.

    python -m benchmarks.writing [--quote] [--search] [--limit N] [--show N] [--calibrate] [--out F] [--threads N]

Ten companies' passages in both languages make a knowledge base, as in ``benchmarks/fit_ranking.py``.
300 written questions of the test part are asked with the customer's facts, half in Russian, half in
English; and 150 that nothing answers: a third written as such, a third of companies that are not
there, and a third whose answering passage is taken out of what was found. Prints

- of questions whose answering sentence is among those shown: how often it is chosen first;
- replies that are right: they rest on a sentence that answers, hold the numbers of the written reply,
  and say yes or no as it does;
- unanswerable questions declined, answerable ones declined or asked back;
- language, form of address, numbers from nowhere, times.

The selector says whether anything answers, and what is written from. ``--quote`` quotes that instead. ``--search``
leaves the selector out. ``--calibrate`` asks the calibration part and prints the shares for several thresholds.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.fit_ranking import COMPANIES, documents
from bot.answering import PASSAGES
from bot.generation.decoder import Decoder
from bot.generation.examples import NAMES, address
from bot.generation.literal import values
from bot.generation.prompt import FORMAL, INFORMAL, Request
from bot.generation.replying import Replier, Reply
from bot.generation.selector import Selector
from bot.generation.shown import Shown, shown
from bot.settings import Settings
from nlu.encoder import Encoder
from nlu.language import script_language
from nlu.out_of_scope import roc_auc
from retrieval.answerability import Answerability
from retrieval.documents import Hit, SearchResult
from retrieval.knowledge_base import KnowledgeBase
from retrieval.scenarios import LANGUAGES, Case, Scenario, parts, read_scenarios

ANSWERABLE, UNANSWERABLE = 300, 150
SEED = 11
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
_DENIES = re.compile(r"^(?:нет|не|к сожалению|no|not|unfortunately|sorry)\b", re.IGNORECASE)
_AFFIRMS = re.compile(r"^(?:да|yes)\b", re.IGNORECASE)
_INFORMAL = re.compile(r"\b(?:ты|тебе|тебя|твой|твоя|твоё|твои|твоего|твоей|тобой)\b", re.IGNORECASE)
_FORMAL = re.compile(r"\b(?:вы|вам|вас|ваш|ваша|ваше|ваши|вашего|вашей|вами)\b", re.IGNORECASE)
_MARK = re.compile(r" \[\d+\]")


Gold = tuple[int, Scenario, Case]  # a scenario's position in its knowledge base, and what is asked of it


@dataclass(frozen=True)
class Asked:
    """A request with what was found, and what is known of its right answer.

    ``answering`` says of the sentences shown whether they answer; ``gold`` is where the answer stands; ``ms`` is the
    selector's time.
    """

    request: Request
    shown: Shown
    answering: list[bool]
    kind: str
    result: SearchResult
    gold: Gold | None
    ms: float = 0.0

    @property
    def case(self) -> Case | None:
        """What is asked; None where nothing answers."""
        return self.gold[2] if self.gold else None


@dataclass(frozen=True)
class Replied:
    """What came of it, had it not been declined."""

    asked: Asked
    reply: Reply
    ms: float
    first_ms: float

    @property
    def chosen(self) -> int | None:
        """The nearest sentence."""
        return self.asked.shown.nearest[0] if self.asked.shown.nearest else None

    @property
    def probability(self) -> float:
        """Of anything answering."""
        return self.asked.result.answerable

    @property
    def said(self) -> str:
        """The reply without marks and name."""
        bare = _MARK.sub("", self.reply.text)
        return bare.removeprefix(f"{self.asked.request.name}, ")


def questions(scenarios: Sequence[Scenario], encoder: Encoder, answerable: int, unanswerable: int) -> list[Asked]:
    """Answerable questions and others, drawn by a fixed seed."""
    choice = random.Random(SEED)
    found: list[Asked] = []
    businesses = sorted({scenario.business for scenario in scenarios})
    for start in range(0, len(businesses), COMPANIES):
        chosen = businesses[start : start + COMPANIES]
        group = [scenario.filled() for scenario in scenarios if scenario.business in chosen]
        strangers = [scenario.filled() for scenario in scenarios if scenario.business not in chosen]
        with tempfile.TemporaryDirectory() as folder:
            base = KnowledgeBase(Path(folder), encoder)
            base.update(documents(group))
            found += _ask(base, group, strangers, choice)
    picked = []
    for language in LANGUAGES:
        for kinds, count in ((("answerable",), answerable), (("near", "stranger", "withheld"), unanswerable)):
            for kind in kinds:
                pool = [a for a in found if a.kind == kind and a.request.language == language]
                picked += choice.sample(pool, min(len(pool), count // 2 // len(kinds)))
    choice.shuffle(picked)
    return picked


def _ask(
    base: KnowledgeBase, group: Sequence[Scenario], strangers: Sequence[Scenario], choice: random.Random
) -> Iterator[Asked]:
    judge = Answerability.load()
    for language in LANGUAGES:
        for position, scenario in enumerate(group):
            facts = [fact for case in scenario.cases for fact in case.facts[language]]
            for case in scenario.cases:
                question = choice.choice(case.asked(language))
                found = base.search(question, 2 * PASSAGES)
                request = _request(language, question, case.facts[language], facts, choice)
                best = replace(found, hits=found.hits[:PASSAGES])
                yield _shown(request, best, (position, scenario, case), "answerable")
                if not case.facts[language]:
                    kept = [hit for hit in found.hits if not _is_of(hit, position)][:PASSAGES]
                    without = SearchResult(kept, judge.probability(kept))
                    yield _shown(_request(language, question, [], [], choice), without, None, "withheld")
            for question in scenario.unanswerable[language]:
                found = base.search(question, PASSAGES)
                yield _shown(_request(language, question, [], facts, choice), found, None, "near")
        for scenario in choice.sample(strangers, min(len(strangers), len(group))):
            question = choice.choice(choice.choice(scenario.cases).asked(language))
            found = base.search(question, PASSAGES)
            yield _shown(_request(language, question, [], [], choice), found, None, "stranger")


def _request(
    language: str, question: str, facts: Sequence[str], others: Sequence[str], choice: random.Random
) -> Request:
    """Now and then with a fact that does not matter; somebody known where there are facts."""
    given = [*facts]
    if others and choice.random() < 0.5:
        given += [fact for fact in [choice.choice(others)] if fact not in given]
    name = choice.choice(NAMES[language]) if given or choice.random() < 0.7 else ""
    return Request(language, question, [], given, name, choice.choice((FORMAL, INFORMAL)))


def _shown(request: Request, result: SearchResult, gold: Gold | None, kind: str) -> Asked:
    seen = shown(result.hits, request.language)
    filled = replace(request, sources=seen.sources, nearest=seen.nearest)
    answering = [gold is not None and _answers(text, hit, *gold) for text, hit in zip(seen.sentences, seen.hits)]
    return Asked(filled, seen, answering, kind, result, gold)


def selected(one: Asked, selector: Selector) -> Asked:
    """The same question with what the selector makes of what was found."""
    started = time.perf_counter()
    result = selector.select(one.request.question, one.request.language, one.result)
    return replace(_shown(one.request, result, one.gold, one.kind), ms=(time.perf_counter() - started) * 1e3)


def _is_of(hit: Hit, position: int) -> bool:
    return hit.passage.document_id.split("-")[0] == str(position)


def _answers(text: str, hit: Hit, position: int, scenario: Scenario, case: Case) -> bool:
    number = [sentence for sentence, _ in hit.sentences].index(text)
    return _is_of(hit, position) and scenario.answering(case, hit.passage.language)[number]


# -- replying -----------------------------------------------------------------------------------


def reply_all(asked: Sequence[Asked], decoder: Decoder | None) -> list[Replied]:
    """Every reply as the decoder writes it, or without one as it is quoted, none declined."""
    replier = Replier(decoder, decoder, Settings.support_threshold)
    return [_replied(replier, one) for one in asked]


def _replied(replier: Replier, one: Asked) -> Replied:
    heard: list[float] = []
    started = time.perf_counter()
    reply = replier.reply(one.request, one.shown, say=lambda _: heard.append(time.perf_counter()))
    ended = time.perf_counter()
    return Replied(one, reply, one.ms + (ended - started) * 1e3, one.ms + ([*heard, ended][0] - started) * 1e3)


# -- judging ------------------------------------------------------------------------------------


def is_right(replied: Replied) -> bool:
    """Whether it rests on a sentence that answers and says what the written reply says."""
    one, case = replied.asked, replied.asked.case
    if case is None or not replied.reply.text:
        return False
    request = one.request
    written = case.replies["en" if request.language == "en" else f"ru {request.form}"].format(name="")
    gold = address(written, "")
    wanted, told = values(gold), values(replied.said)
    numbers = wanted <= told | set(re.findall(r"\d+", " ".join(told)))
    return _rests_rightly(replied) and numbers and _polarity(gold) in ("", _polarity(replied.said))


def _rests_rightly(replied: Replied) -> bool:
    """Whether the passage cited first has a sentence that answers; with facts alone, whether they are the case's."""
    one = replied.asked
    if not replied.reply.cited:
        facts = {one.request.facts[n] for n in replied.reply.facts}
        return bool(facts) and one.case is not None and facts <= set(one.case.facts[one.request.language])
    cited = {hit.passage.id for hit in replied.reply.cited}
    return any(flag and hit.passage.id in cited for flag, hit in zip(one.answering, one.shown.hits))


def _polarity(text: str) -> str:
    return "no" if _DENIES.search(text) else "yes" if _AFFIRMS.search(text) else ""


def right_form(replied: Replied) -> bool:
    """Whether no word addresses the customer in the other form."""
    wrong = _FORMAL if replied.asked.request.form == INFORMAL else _INFORMAL
    return not wrong.search(replied.said)


def report(replies: Sequence[Replied], threshold: float, ask_from: float) -> dict[str, Any]:
    """The figures where one answers from a threshold, and asks back from another."""
    right = [r for r in replies if r.asked.case]
    others = [r for r in replies if not r.asked.case]
    asks = [ask_from <= r.probability < threshold for r in right]
    sent = [r for r in right if r.probability >= threshold and r.reply.text]
    there = [r for r in right if any(r.asked.answering)]
    written = [r for r in sent if not r.reply.quoted]
    russian = [r for r in written if r.asked.request.language == "ru"]
    foreign = [values(r.said) - values(_known(r)) for r in replies if r.probability >= threshold]
    return {
        "questions": len(right),
        "answering sentence shown": _share([any(r.asked.answering) for r in right]),
        "chosen first, of those shown": _share([r.chosen is not None and r.asked.answering[r.chosen] for r in there]),
        **{
            f"chosen first, {language}": _share(
                [r.asked.answering[r.chosen or 0] for r in there if r.asked.request.language == language]
            )
            for language in LANGUAGES
        },
        "right, were nothing declined": _share(map(is_right, right)),
        "right": _share([is_right(r) and r.probability >= threshold for r in right]),
        "right of sent": _share(map(is_right, sent)),
        "right of sent, sentence shown": _share([is_right(r) for r in sent if any(r.asked.answering)]),
        "answerable declined": _share([r.probability < ask_from for r in right]),
        "answerable asked back": _share(asks),
        "unanswerable declined or asked back": _share([r.probability < threshold for r in others]),
        **{
            f"… {kind}": _share([r.probability < threshold for r in others if r.asked.kind == kind])
            for kind in ("near", "stranger", "withheld")
        },
        "answerable or not, AUC": roc_auc([r.probability for r in right], [r.probability for r in others]),
        "quoted": _share([r.reply.quoted for r in sent]),
        "right language": _share([script_language(r.said) == r.asked.request.language for r in written]),
        "right form of address": _share(map(right_form, russian)),
        "by name": _share([r.reply.text.startswith(r.asked.request.name) for r in written if r.asked.request.name]),
        "values from nowhere": sum(map(bool, foreign)),
        "ms, first sentence p95": round(float(np.quantile([r.first_ms for r in sent], 0.95))) if sent else None,
        "ms, whole reply median": round(statistics.median(r.ms for r in sent)) if sent else None,
        "ms, whole reply p95": round(float(np.quantile([r.ms for r in sent], 0.95))) if sent else None,
    }


def _known(replied: Replied) -> str:
    request = replied.asked.request
    cited = [hit.passage.text for hit in replied.reply.cited]
    evidence = " ".join([*request.sentences, *request.facts, *(source.title for source in request.sources), *cited])
    return " ".join([evidence, *re.findall(r"\d+", evidence)])


def _share(flags: Any) -> float | None:
    found = [*flags]
    return round(float(np.mean(found)), 3) if found else None


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quote", action="store_true", help="quote what is found instead of writing")
    parser.add_argument("--search", action="store_true", help="leave the selector out")
    parser.add_argument("--limit", type=int, default=ANSWERABLE, help="answerable questions, and half as many others")
    parser.add_argument("--show", type=int, default=0, help="print so many replies of each language")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, help="one JSON line a question")
    options = parser.parse_args()
    chosen = parts(read_scenarios())
    scenarios = chosen.calibration if options.calibrate else chosen.test
    encoder = Encoder()
    asked = questions(scenarios, encoder, options.limit, options.limit // 2)
    decoder = Decoder(threads=options.threads)
    if not options.search:
        asked = [selected(one, Selector(decoder)) for one in asked]
    replies = reply_all(asked, None if options.quote else decoder)
    if options.out:
        options.out.write_text("".join(json.dumps(line(r), ensure_ascii=False) + "\n" for r in replies))
    for language in LANGUAGES:
        for replied in [r for r in replies if r.asked.request.language == language][: options.show]:
            print(json.dumps(line(replied), ensure_ascii=False, indent=1))
    thresholds = THRESHOLDS if options.calibrate else (Settings.answer_threshold,)
    for threshold in thresholds:
        figures = report(replies, threshold, threshold if options.calibrate else Settings.ask_threshold)
        print(json.dumps({"threshold": threshold, **figures}, ensure_ascii=False, indent=1))


def line(replied: Replied) -> dict[str, Any]:
    """A question with its reply, for people to judge."""
    one, request = replied.asked, replied.asked.request
    gold = one.case.replies["en" if request.language == "en" else f"ru {request.form}"] if one.case else None
    return {
        "kind": one.kind,
        "question": request.question,
        "facts": request.facts,
        "reply": replied.reply.text,
        "written by a person": gold,
        "right": is_right(replied) if one.case else None,
        "probability": round(replied.probability, 3),
        "shown": any(one.answering),
        "quoted": replied.reply.quoted,
        "withheld": [[v.sentence, v.reason, round(v.score, 3)] for v in replied.reply.sentences if not v.supported],
        "ms": round(replied.ms),
    }


if __name__ == "__main__":
    main()
