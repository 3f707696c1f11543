"""What is quoted of a passage: the sentences nearest to the question, with what they must not be torn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from bot.generation.decoder import Choice
from bot.generation.prompt import Request
from bot.generation.shown import Shown
from retrieval.documents import Passage
from retrieval.sentences import Sentence, located_sentences

QUOTED_SENTENCES, QUOTED_CHARACTERS = 3, 600
# How much less than the best one a sentence may match and still be quoted beside it. On the questions kept for
# calibration that leaves out a quarter of the second ones, of which 6 % answer, and with them what was planted.
QUOTED_WITHIN = 0.2
STOPS = ".!?…:;"  # ends of a sentence, after which a quotation goes on without a stop of its own
CLOSING = "»”\"')"
BULLET, LEFT_OUT = "• ", "… "

FROM_ANOTHER_LANGUAGE = {"ru": "В статье на английском сказано: «{}»", "en": "An article in Russian says: “{}”"}


def nearest_choice(request: Request, shown: Shown, choice: Choice) -> Choice:
    """The choice with the sentences that search finds nearest, if it names any.

    They are of the passage with the nearest one and match about as well. (To keep to sentences with a number where the
    question asks for one was tried: they answer less often.)
    """
    if not choice.sentences:
        return choice
    best = shown.hits[shown.nearest[0] if shown.nearest else 0]
    places = [n for n, hit in enumerate(shown.hits) if hit.passage.id == best.passage.id]
    texts, match = request.sentences, dict(best.sentences)
    matches = {n: match.get(texts[n], -1.0) for n in places}
    ranked = sorted(places, key=lambda n: -matches[n])[: 1 if request.brief else QUOTED_SENTENCES]
    near = [n for n in ranked if matches[n] >= matches[ranked[0]] - QUOTED_WITHIN]
    while len(near) > 1 and sum(len(texts[n]) for n in near) > QUOTED_CHARACTERS:
        near.pop()
    return replace(choice, sentences=sorted(near))


def quotation(passage: Passage, chosen: Sequence[str]) -> str:
    """The chosen sentences as they are shown: list items on lines of their own, "…" before prose that does not go on.

    Args:
        passage: that they are of.
        chosen: sentences of it as plain text, in reading order.
    """
    located = located_sentences(passage.text)
    kept = kept_together(located, chosen)
    if len(kept) < len(chosen):  # the passage was split differently when it was indexed
        return " ".join(map(_ended, chosen))
    left_out = {
        after.start
        for before, after in pairwise(kept)
        if not after.mark and located.index(after) > located.index(before) + 1
    }
    lines = [[*line] for _, line in groupby(kept, key=lambda sentence: sentence.line)]
    listed = sum(bool(line[0].mark) for line in lines) > 1
    texts = [" ".join(f"{LEFT_OUT if s.start in left_out else ''}{_ended(s.text)}" for s in line) for line in lines]
    if not listed:
        return " ".join(texts)
    return "\n".join(f"{_shown_mark(line[0])}{text}" for line, text in zip(lines, texts))


def kept_together(located: Sequence[Sentence], chosen: Sequence[str]) -> list[Sentence]:
    """The chosen of a passage's sentences, and where there is room the steps between which they stand, all of them."""
    texts = [sentence.text for sentence in located]
    places = {texts.index(text) for text in chosen if text in texts}
    whole = places.union(*(_numbered_list(located, n) for n in places if located[n].step))
    fits = sum(len(located[n].text) for n in whole) <= QUOTED_CHARACTERS
    return [located[n] for n in sorted(whole if fits else places)]


def _numbered_list(located: Sequence[Sentence], place: int) -> range:
    """Places of the sentences of the numbered list that one of its steps is in."""
    first = last = place
    while first > 0 and 0 < located[first - 1].step <= located[first].step:
        first -= 1
    while last + 1 < len(located) and located[last].step <= located[last + 1].step:
        last += 1
    return range(first, last + 1)


def _shown_mark(sentence: Sentence) -> str:
    """How a list item's line begins: a step keeps its number."""
    return f"{sentence.mark} " if sentence.step else BULLET if sentence.mark else ""


def _ended(text: str) -> str:
    return text if text.rstrip(CLOSING)[-1:] in STOPS else f"{text}."
