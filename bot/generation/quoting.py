"""What is quoted of a passage: the sentences nearest to the question, with what they must not be torn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from bot.generation.prompt import Request
from bot.generation.shown import Shown
from retrieval.documents import Passage
from retrieval.sentences import ROW, Sentence, located_sentences

QUOTED_SENTENCES, QUOTED_CHARACTERS = 3, 600
# How much less than the best one a sentence may match and still be quoted beside it. On the questions kept for
# calibration that leaves out most of the further ones, of which few answer, and with them what was planted (but not
# what was planted as a step of a numbered list that is quoted whole).
QUOTED_WITHIN = 0.2
QUOTED_APART = 0.1  # the same of one that stands beside no other quoted one: what was planted stands apart
STOPS = ".!?…:"  # ends of a sentence, after which a quotation goes on without a stop of its own
CLOSING = "»”\"')"
GOING_ON = ",; "  # in place of which a quotation puts a stop
BULLET, LEFT_OUT = "• ", "… "

INTRODUCTIONS = {"ru": "В статье на английском сказано:", "en": "An article in Russian says:"}
QUOTATION_MARKS = {"ru": "«{}»", "en": "“{}”"}


def nearest_sentences(request: Request, shown: Shown) -> list[int]:
    """Numbers of the shown sentences that match the question best, in reading order.

    They are of the passage with the nearest one and match about as well. (To keep to sentences with a number where the
    question asks for one was tried: they answer less often.)
    """
    best = shown.hits[shown.nearest[0] if shown.nearest else 0]
    places = [n for n, hit in enumerate(shown.hits) if hit.passage.id == best.passage.id]
    texts, match = request.sentences, dict(best.sentences)
    matches = {n: match[texts[n]] for n in places}
    ranked = sorted(places, key=lambda n: -matches[n])[: 1 if request.brief else QUOTED_SENTENCES]
    near = [n for n in ranked if matches[n] >= matches[ranked[0]] - QUOTED_WITHIN]
    order = {text: n for n, (text, _) in enumerate(best.sentences)}
    beside = {n for n in near for other in near if abs(order[texts[n]] - order[texts[other]]) == 1}
    near = [n for n in near if n in beside or matches[n] >= matches[ranked[0]] - QUOTED_APART]
    while len(near) > 1 and sum(len(texts[n]) for n in near) > QUOTED_CHARACTERS:
        near.pop()
    return sorted(near)


def quotation(passage: Passage, chosen: Sequence[str]) -> str:
    """The chosen sentences as they are shown: list items on lines of their own, "…" before prose that does not go on.

    A list that the section begins with stands below the section's heading, which is what announces it.

    Args:
        passage: that they are of.
        chosen: sentences of it as plain text, in reading order.
    """
    located = located_sentences(passage.text)
    if not {sentence.text for sentence in located}.issuperset(chosen):  # it was split differently when it was indexed
        return " ".join(map(_ended, chosen))
    places = kept_together(located, chosen)
    left_out = {b for a, b in pairwise(places) if b > a + 1 and _goes_on(located[a], located[b])}
    lines = [[*line] for _, line in groupby(places, key=lambda n: located[n].line)]
    listed = sum(bool(located[line[0]].mark) for line in lines) > 1
    texts = [" ".join(f"{LEFT_OUT if n in left_out else ''}{_ended(located[n].text)}" for n in line) for line in lines]
    above = [_announcing(passage.section)] if passage.section and _is_headed_by_section(located, places[0]) else []
    if not listed and not above:
        return " ".join(texts)
    return "\n".join([*above, *(f"{_shown_mark(located[line[0]])}{text}" for line, text in zip(lines, texts))])


def from_another_language(text: str, language: str) -> str:
    """A quotation in the other language than the reply's, introduced in this one."""
    if "\n" in text:
        return f"{INTRODUCTIONS[language]}\n{text}"
    return f"{INTRODUCTIONS[language]} {QUOTATION_MARKS[language].format(text)}"


def kept_together(located: Sequence[Sentence], chosen: Sequence[str]) -> list[int]:
    """Places of the chosen of a passage's sentences, and of those that they must not be torn from.

    A step brings its numbered list, what announces a list ("We take:") the list, an item what announces it; as far as
    there is room.
    """
    texts = [sentence.text for sentence in located]
    places = _places(texts, chosen)
    kept = {*places}
    for n in places:
        for more in (_numbered_list(located, n), _announced(located, n), _announcement(located, n)):
            if sum(len(texts[place]) for place in kept.union(more)) <= QUOTED_CHARACTERS:
                kept.update(more)
    return sorted(kept)


def _places(texts: Sequence[str], chosen: Sequence[str]) -> list[int]:
    """Where sentences stand; of equal ones that which stands nearest before the next chosen one."""
    places: list[int] = []
    for text in reversed([*dict.fromkeys(chosen)]):
        found = [n for n, other in enumerate(texts) if other == text]
        places.append(max([n for n in found if not places or n < places[-1]] or found))
    return places[::-1]


def _numbered_list(located: Sequence[Sentence], place: int) -> range:
    """Places of the sentences of the numbered list that a sentence is in, with all that stands under its steps."""
    place = _outer_step(located, place)
    if not located[place].step:
        return range(0)
    first = min(n for n in _along(located, place, -1) if located[n].indent == located[place].indent)
    return range(first, max(_along(located, place, 1)) + 1)


def _along(located: Sequence[Sentence], place: int, direction: int) -> Iterator[int]:
    """Places from a step onwards or backwards (1, -1), as far as its list goes with what stands under its steps."""
    step = located[place]
    while 0 <= place < len(located):
        one = located[place]
        if one.indent == step.indent and one.step and (one.step - step.step) * direction >= 0:
            step = one
        elif not one.mark or one.indent <= step.indent:
            return
        yield place
        place += direction


def _outer_step(located: Sequence[Sentence], place: int) -> int:
    """Place of the outermost step that a list item stands under, or its own."""
    for n in range(place - 1, -1, -1):
        if not located[place].mark or not located[n].mark:
            break
        if located[n].indent < located[place].indent:
            place = n
    return place


def _announced(located: Sequence[Sentence], place: int) -> range:
    """Places of the items of the list that a sentence announces."""
    last = place
    if not located[place].mark and located[place].text.endswith(":"):
        while last + 1 < len(located) and located[last + 1].mark:
            last += 1
    return range(place + 1, last + 1)


def _announcement(located: Sequence[Sentence], place: int) -> range:
    """Place of what announces the list that an item is of."""
    first = place
    while first > 0 and located[first].mark:
        first -= 1
    announces = first < place and not located[first].mark and located[first].text.endswith(":")
    return range(first, first + announces)


def _is_headed_by_section(located: Sequence[Sentence], place: int) -> bool:
    """Whether a sentence is of the list that a passage begins with: a table's rows name their columns themselves."""
    return all(sentence.mark not in ("", ROW) for sentence in located[: place + 1])


def _announcing(heading: str) -> str:
    return heading if heading[-1] in STOPS else f"{heading}:"


def _goes_on(before: Sentence, after: Sentence) -> bool:
    """Whether one would be read on from the other: list items of their own would not."""
    return not after.mark or after.line == before.line


def _shown_mark(sentence: Sentence) -> str:
    """How a list item's line begins: a step keeps its number."""
    return f"{sentence.mark} " if sentence.step else BULLET if sentence.mark else ""


def _ended(text: str) -> str:
    """With a stop in place of what would go on."""
    text = text.rstrip(GOING_ON)
    return text if text.rstrip(CLOSING)[-1:] in STOPS else f"{text}."
