"""Stand-ins for the decoder and for the judge of what it writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.generation.decoder import Choice, Decoder
from bot.generation.prompt import Request
from retrieval.lexical import words


class FakeDecoder(Decoder):
    """Chooses the sentences that share most words with the question, writes what it is told.

    Args:
        replies: what it writes, one reply after the other; the last one again and again.
        none: the probability that it gives to nothing answering.
    """

    def __init__(self, *replies: str, none: float = 0.0) -> None:
        super().__init__()
        self.replies = [*replies] or [""]
        self.none = none
        self.requests: list[Request] = []
        self.choices: list[Choice] = []

    def choose(self, request: Request) -> Choice:
        self.requests.append(request)
        likely = _shares(request.question, request.sentences)
        facts = [n for n, share in enumerate(_shares(request.question, request.facts)) if share > 0.5]
        best = max(likely, default=0.0)
        chosen = [n for n, share in enumerate(likely) if share == best]
        owners = [n for n, source in enumerate(request.sources) for _ in source.sentences]
        chosen = [n for n in chosen if owners[n] == owners[chosen[0]]]
        return Choice(self.none, chosen, facts, likely)

    def write(self, request: Request, choice: Choice) -> Iterator[str]:
        self.choices.append(choice)
        text = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        yield from (text[start : start + 5] for start in range(0, len(text), 5))


class WordJudge:
    """Holds a claim for as likely as the share of its words that the evidence has."""

    def judge(self, request: Request, claim: str) -> float:
        known = words(" ".join([*request.sentences, *request.facts, *(source.title for source in request.sources)]))
        said = words(claim)
        return sum(word in known for word in said) / max(1, len(said))


def _shares(question: str, texts: Sequence[str]) -> list[float]:
    asked = words(question)
    return [sum(word in words(text) for word in asked) / max(1, len(asked)) for text in texts]
