"""One question's reply from the passage that answers: write, verify, and fall back to quoting.

Whatever is written is checked sentence by sentence while the next one is being written. A reply that
does not hold is written once more from the nearest sentences alone, then replaced by quoting them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.generation.literal import Evidence, values
from bot.generation.prompt import Request, Source
from bot.generation.quoting import from_another_language, nearest_sentences, quotation
from bot.generation.selector import source_of
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

    def write(self, request: Request) -> Generator[str, None, None]:
        """The reply from the request's sources and facts, in pieces of plain text, possibly none."""
        ...


@dataclass
class Reply:
    """What may be said, and what it rests on.

    ``text`` is empty where nothing could be said. ``sentences`` is the trace: those sent, and those withheld with the
    reason.
    """

    text: str = ""
    cited: list[Hit] = field(default_factory=list)
    facts: list[int] = field(default_factory=list)
    sentences: list[Verdict] = field(default_factory=list)
    quoted: bool = False


class Replier:
    """Replies to requests.

    Args:
        writer: writes; None quotes what matches the question best.
        judge: says how likely what was written is true; no writer is heard without one.
        support: probability of a sentence being true, below which it is not sent.
    """

    def __init__(self, writer: Writer | None, judge: Judge | None = None, support: float = 0.5) -> None:
        self.writer = writer if judge else None
        self.verifier = Verifier(judge, support) if judge else None

    def reply(self, request: Request, shown: Shown, first: int = 1, say: Say | None = None) -> Reply:
        """The reply to one question.

        Args:
            request: the question; its sources are those shown.
            shown: the sources with the hits that they are of.
            first: number of the first citation.
            say: hears each sentence that may be shown.
        """
        if not shown.hits:
            return Reply()
        chosen = nearest_sentences(request, shown)
        if self.writer is None or _translates(request, shown, chosen):
            return _quoted(request, shown, chosen, first)
        verdicts: list[Verdict] = []
        for own, of in (_passage(request, shown, chosen), _narrowed(request, shown, chosen)):
            tried = self._checked(self.writer, own, of, say)
            if _holds(tried, own):
                return _joined([*map(_withheld, verdicts), *tried], of, first)
            verdicts += tried
        return replace(_quoted(request, shown, chosen, first), sentences=[*map(_withheld, verdicts)])

    def _checked(self, writer: Writer, request: Request, shown: Shown, say: Say | None) -> list[Verdict]:
        """Verdicts on what the writer writes, up to the first sentence that does not hold."""
        assert self.verifier is not None
        evidence = _evidence(request, shown)
        verdicts: list[Verdict] = []
        told = 0
        with closing(writer.write(request)) as pieces:
            for sentence in sentences(pieces):
                verdicts.append(self.verifier.check(sentence, request, evidence))
                if not verdicts[-1].supported:
                    break
                if say and _holds(verdicts, request):
                    for verdict in verdicts[told:]:
                        say(verdict.sentence)
                    told = len(verdicts)
                if len(verdicts) == MOST_SENTENCES:
                    break
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


def _translates(request: Request, shown: Shown, chosen: Sequence[int]) -> bool:
    """Whether the reply would be in another language than what it rests on: the small writer then invents."""
    return any(shown.hits[n].passage.language != request.language for n in chosen)


def _passage(request: Request, shown: Shown, chosen: Sequence[int]) -> tuple[Request, Shown]:
    """The request with the whole passage of the chosen sentences, as far as the prompt has room for it."""
    hit = shown.hits[chosen[0]]
    source = source_of(hit)
    ranked = sorted(chosen, key=lambda n: [*request.nearest, n].index(n))
    texts = [request.sentences[n] for n in ranked]
    nearest = [source.sentences.index(text) for text in texts if text in source.sentences]
    sources, hits = [source], [hit] * len(source.sentences)
    return replace(request, sources=sources, nearest=nearest), Shown(sources, hits, nearest)


def _narrowed(request: Request, shown: Shown, chosen: Sequence[int]) -> tuple[Request, Shown]:
    """The request with the chosen sentences alone."""
    hits, nearest = [shown.hits[n] for n in chosen], [*range(len(chosen))]
    sources = [Source(hits[0].passage.heading, [request.sentences[n] for n in chosen])]
    return replace(request, sources=sources, nearest=nearest), Shown(sources, hits, nearest)


def _evidence(request: Request, shown: Shown) -> list[Evidence]:
    """The passages and the customer's facts, each under its name."""
    texts: dict[str, list[str]] = {}
    for sentence, hit in zip(request.sentences, shown.hits):
        texts.setdefault(hit.passage.id, []).append(sentence)
    headings = {hit.passage.id: hit.passage.heading for hit in shown.hits}
    facts = [Evidence(f"{_FACT} {n}", [fact]) for n, fact in enumerate(request.facts, 1)]
    return [*(Evidence(name, told, headings[name]) for name, told in texts.items()), *facts]


def _holds(verdicts: Sequence[Verdict], request: Request) -> bool:
    """Whether the sentence that answers was let through, with a number where one is asked for and known."""
    if not verdicts or not verdicts[0].supported:
        return False
    told = " ".join(verdict.sentence for verdict in verdicts if verdict.supported)
    known = " ".join(request.sentences[n] for n in request.nearest)
    return not (ASKS_FOR_VALUE.search(request.question) and values(known) and not values(told))


def _withheld(verdict: Verdict) -> Verdict:
    """One that is not sent after all: what follows an unsupported sentence hangs in the air."""
    return replace(verdict, source=None, reason=verdict.reason or "the reply it belongs to was replaced")


def _joined(verdicts: Sequence[Verdict], shown: Shown, first: int) -> Reply:
    """The supported sentences, each run from one article marked once at its end."""
    kept = [verdict for verdict in verdicts if verdict.supported]
    known = {hit.passage.id: hit for hit in shown.hits}
    numbers: dict[str, int] = {}
    facts: set[int] = set()
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
    return Reply(" ".join(parts), cited, sorted(facts), [*verdicts])


def _quoted(request: Request, shown: Shown, chosen: Sequence[int], first: int) -> Reply:
    """The chosen sentences of a passage word for word."""
    hit = shown.hits[chosen[0]]
    text = quotation(hit.passage, [request.sentences[n] for n in chosen])
    if hit.passage.language != request.language:
        text = from_another_language(text, request.language)
    return Reply(_marked(text, first), [hit], quoted=True)


def _marked(sentence: str, number: int) -> str:
    """The sentence with the mark of its source before the final stop: ``… 299 ₽ [1].``"""
    if sentence[-1:] in ".!?":
        return f"{sentence[:-1]} [{number}]{sentence[-1]}"
    return f"{sentence} [{number}]"
