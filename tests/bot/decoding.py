"""Stand-ins for the decoder and for the judge of what it writes."""

from __future__ import annotations

from collections.abc import Generator

from bot.generation.decoder import Decoder
from bot.generation.prompt import Request
from retrieval.lexical import words


class FakeDecoder(Decoder):
    """Writes what it is told, and remembers what it was asked for.

    Args:
        replies: one after the other; the last one again and again.
    """

    def __init__(self, *replies: str) -> None:
        super().__init__()
        self.replies = [*replies] or [""]
        self.requests: list[Request] = []

    def write(self, request: Request) -> Generator[str, None, None]:
        self.requests.append(request)
        text = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        yield from (text[start : start + 5] for start in range(0, len(text), 5))


class WordJudge:
    """Holds a claim for as likely as the share of its words that the evidence has."""

    def judge(self, request: Request, claim: str) -> float:
        known = words(" ".join([*request.sentences, *request.facts, *(source.title for source in request.sources)]))
        said = words(claim)
        return sum(word in known for word in said) / max(1, len(said))
