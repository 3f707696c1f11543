"""One question's reply from what was found: choose, write, verify, and fall back to quoting.

Whatever is written is checked sentence by sentence while the next one is being written. A reply that
does not hold is written once more from the chosen sentences alone, then replaced by quoting them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.generation.decoder import Choice, Decoder
from bot.generation.literal import Evidence, values
from bot.generation.prompt import Request, Source
from bot.generation.quoting import from_another_language, nearest_choice, quotation
from bot.generation.shown import Shown
from bot.generation.verify import Judge, Verdict, Verifier, split_sentences
from retrieval.documents import Hit

MOST_SENTENCES = 4  # of a written reply
ASKS_FOR_VALUE = re.compile(
    r"\b(?:сколько|когда|почём|какой срок|до какого|как долго|how (?:long|much|many|soon|fast|often)|when|what time)\b",
    re.IGNORECASE,
)
_STOP = ".!?…"
_FACT = "fact"  # and its number: names a fact as a source

Say = Callable[[str], None]  # hears each verified sentence as soon as it may be shown


class Writer(Protocol):
    """Writes a reply; what it writes is not to be trusted before it is verified."""

    def write(self, request: Request, choice: Choice) -> Iterable[str]:
        """The reply from the chosen sentences, in pieces of plain text, possibly none."""
        ...


@dataclass(frozen=True)
class Limits:
    """Probabilities at which a reply changes its kind.

    ``none``: of nothing shown answering, above which the question is declined; ``unsure``: above which the
    customer is asked what they mean; ``support``: of a sentence being true, below which it is not sent.
    """

    none: float = 0.4
    unsure: float = 0.35
    support: float = 0.5


@dataclass
class Reply:
    """What may be said, and what it rests on.

    ``text`` is empty where nothing could be said; ``candidates`` are then headings among which the
    customer may choose. ``sentences`` is the trace: those sent, and those withheld with the reason.
    """

    text: str = ""
    none: float = 0.0
    cited: list[Hit] = field(default_factory=list)
    facts: list[int] = field(default_factory=list)
    sentences: list[Verdict] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    quoted: bool = False


class Replier:
    """Replies to requests.

    Args:
        decoder: says whether anything answers, and chooses; without one, everything is taken to.
        writer: writes; None quotes what search finds nearest, which is right more often than the decoder's choice.
        judge: says how likely what was written is true; no writer is heard without one.
        limits: see :class:`Limits`.
    """

    def __init__(
        self, decoder: Decoder | None, writer: Writer | None, judge: Judge | None = None, limits: Limits = Limits()
    ) -> None:
        self.decoder = decoder
        self.writer = writer if decoder and judge else None
        self.limits = limits
        self.verifier = Verifier(judge, limits.support) if judge else None

    def reply(
        self, request: Request, shown: Shown, first: int = 1, may_ask: bool = True, say: Say | None = None
    ) -> Reply:
        """The reply to one question.

        Args:
            request: the question; its sources are those shown.
            shown: the sources with the hits that they are of.
            first: number of the first citation.
            may_ask: whether the customer may be asked what they mean.
            say: hears each sentence that may be shown.
        """
        if self.decoder is None:
            return _quoted(request, shown, nearest_choice(request, shown, Choice(0.0, [0])), first)
        choice = self.decoder.choose(request)
        if choice.none > self.limits.none or (choice.none > self.limits.unsure and may_ask):
            choice.discard()
            asks = choice.none <= self.limits.none
            return Reply(none=choice.none, candidates=_candidates(shown, choice) if asks else [])
        if self.writer is None or _translates(request, shown, choice):
            choice.discard()
            return _quoted(request, shown, nearest_choice(request, shown, choice), first)
        return self._written(self.writer, request, shown, choice, first, say)

    def _written(
        self, writer: Writer, request: Request, shown: Shown, choice: Choice, first: int, say: Say | None
    ) -> Reply:
        verdicts = self._checked(writer, request, shown, choice, say)
        if not _holds(verdicts, request, choice):
            narrowed, alone = _narrowed(request, shown, choice, whole_passages=False)
            again = replace(choice, sentences=[*range(len(narrowed.sentences))], draft=None)
            second = self._checked(writer, narrowed, alone, again, say)
            if not _holds(second, narrowed, again):
                best = nearest_choice(request, shown, choice) if request.brief else choice
                quoted = _quoted(request, shown, best, first)
                return replace(quoted, sentences=[*map(_withheld, [*verdicts, *second])])
            verdicts = [*map(_withheld, verdicts), *second]
        return _joined(verdicts, shown, choice, first)

    def _checked(
        self, writer: Writer, request: Request, shown: Shown, choice: Choice, say: Say | None
    ) -> list[Verdict]:
        """Verdicts on what the writer writes, up to the first sentence that does not hold."""
        assert self.verifier is not None
        own, of = _narrowed(request, shown, choice, whole_passages=True)
        evidence = _evidence(own, of)
        verdicts: list[Verdict] = []
        told = 0
        for sentence in sentences(writer.write(request, choice)):
            verdicts.append(self.verifier.check(sentence, own, evidence))
            if not verdicts[-1].supported:
                break
            if say and _holds(verdicts, request, choice):
                for verdict in verdicts[told:]:
                    say(verdict.sentence)
                told = len(verdicts)
            if len(verdicts) == MOST_SENTENCES:
                break
        choice.discard()
        return verdicts


def sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Whole sentences as soon as they are complete; one that breaks off is left out."""
    text, told = "", 0
    for piece in pieces:
        text += piece
        complete = split_sentences(text)[:-1]
        yield from complete[told:]
        told = len(complete)
    rest = split_sentences(text)[told:]
    # The only sentence may lack its stop; of several, one that does was cut off.
    yield from (sentence for sentence in rest if sentence.rstrip('»”")').endswith(tuple(_STOP)) or told == 0)


def _translates(request: Request, shown: Shown, choice: Choice) -> bool:
    """Whether the reply would be in another language than what it rests on: the small writer then invents."""
    return any(shown.hits[n].passage.language != request.language for n in choice.sentences)


def _narrowed(request: Request, shown: Shown, choice: Choice, whole_passages: bool) -> tuple[Request, Shown]:
    """The request with the chosen sentences alone, or with all that is shown of their passages."""
    if not choice.sentences:
        return request, shown
    owners = {shown.hits[n].passage.id for n in choice.sentences}
    sources, hits, places_kept, n = [], [], [], 0
    for source in request.sources:
        places = range(n, n + len(source.sentences))
        kept = [i for i in places if (shown.hits[i].passage.id in owners if whole_passages else i in choice.sentences)]
        if kept:
            sources.append(Source(source.title, [source.sentences[i - n] for i in kept]))
            hits += [shown.hits[i] for i in kept]
            places_kept += kept
        n += len(source.sentences)
    nearest = [places_kept.index(i) for i in request.nearest if i in places_kept]
    return replace(request, sources=sources, nearest=nearest), Shown(sources, hits, nearest)


def _evidence(request: Request, shown: Shown) -> list[Evidence]:
    """The passages and the customer's facts, each under its name."""
    texts: dict[str, list[str]] = {}
    for sentence, hit in zip(request.sentences, shown.hits):
        texts.setdefault(hit.passage.id, []).append(sentence)
    headings = {hit.passage.id: hit.passage.heading for hit in shown.hits}
    facts = [Evidence(f"{_FACT} {n}", [fact]) for n, fact in enumerate(request.facts, 1)]
    return [*(Evidence(name, told, headings[name]) for name, told in texts.items()), *facts]


def _holds(verdicts: Sequence[Verdict], request: Request, choice: Choice) -> bool:
    """Whether the sentence that answers was let through, with a number where one is asked for and known."""
    if not verdicts or not verdicts[0].supported:
        return False
    told = " ".join(verdict.sentence for verdict in verdicts if verdict.supported)
    known = " ".join(request.sentences[n] for n in choice.sentences)
    return not (ASKS_FOR_VALUE.search(request.question) and values(known) and not values(told))


def _withheld(verdict: Verdict) -> Verdict:
    """One that is not sent after all: what follows an unsupported sentence hangs in the air."""
    return replace(verdict, source=None, reason=verdict.reason or "the reply it belongs to was replaced")


def _joined(verdicts: Sequence[Verdict], shown: Shown, choice: Choice, first: int) -> Reply:
    """The supported sentences, each run from one article marked once at its end."""
    kept = [verdict for verdict in verdicts if verdict.supported]
    known = {hit.passage.id: hit for hit in shown.hits}
    numbers: dict[str, int] = {}
    facts = {*choice.facts}
    parts = []
    for verdict, following in zip(kept, [*kept[1:], None]):
        assert verdict.source is not None
        if verdict.source not in known:
            facts.add(int(verdict.source.removeprefix(_FACT)) - 1)
            parts.append(verdict.sentence)
            continue
        number = numbers.setdefault(verdict.source, first + len(numbers))
        goes_on = following is not None and following.source == verdict.source
        parts.append(verdict.sentence if goes_on else _marked(verdict.sentence, number))
    cited = [known[source] for source in numbers]
    return Reply(" ".join(parts), choice.none, cited, sorted(facts), [*verdicts])


def _quoted(request: Request, shown: Shown, choice: Choice, first: int) -> Reply:
    """The chosen sentences word for word, in reading order, of the passage that most of them are of."""
    owners = [shown.hits[n].passage.id for n in choice.sentences]
    if not owners:
        return Reply(" ".join(request.facts[n] for n in choice.facts), choice.none, facts=choice.facts, quoted=True)
    owner = max(dict.fromkeys(owners), key=owners.count)
    hit = next(hit for hit in shown.hits if hit.passage.id == owner)
    chosen = [request.sentences[n] for n in choice.sentences if shown.hits[n].passage.id == owner]
    text = quotation(hit.passage, chosen)
    if hit.passage.language != request.language:
        text = from_another_language(text, request.language)
    facts = [request.facts[n] for n in choice.facts]
    space = "\n" if "\n" in text else " "
    return Reply(space.join([_marked(text, first), *facts]), choice.none, [hit], choice.facts, quoted=True)


def _candidates(shown: Shown, choice: Choice) -> list[str]:
    """Headings of the passages that likeliest answer, the likeliest first."""
    likely: dict[str, float] = {}
    for hit, probability in zip(shown.hits, choice.likelihoods):
        likely[hit.passage.heading] = likely.get(hit.passage.heading, 0.0) + probability
    return sorted(likely, key=lambda heading: -likely[heading])[:3]


def _marked(sentence: str, number: int) -> str:
    """The sentence with the mark of its source before the final stop: ``… 299 ₽ [1].``"""
    if sentence[-1:] in ".!?":
        return f"{sentence[:-1]} [{number}]{sentence[-1]}"
    return f"{sentence} [{number}]"
