"""What search finds nearest to the questions of training sheets, named in their prompts as at run time.

A sheet holds fewer passages than search looks through; noise brings the hits on it down to
how often they are right among many, so that the decoder learns how far to trust them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from bot.generation.examples import Sheet, Task
from bot.generation.prompt import NEAREST, Source, reply_task
from nlu.encoder import BATCH, PASSAGE, PASSAGE_TOKENS, QUERY, Encoder
from retrieval.documents import Passage
from retrieval.late_interaction import LateInteraction, QuestionTokens, TokenVectors

NOISE = 0.03  # standard deviation added to similarities


def hinted(sheets: Sequence[Sheet], encoder: Encoder, seed: int, noise: float = NOISE) -> list[Sheet]:
    """The sheets with the nearest sentences named in every task."""
    choice, late = random.Random(seed), LateInteraction(encoder)
    sources = list(dict.fromkeys(_key(source) for sheet in sheets for source in sheet.sources))
    tokens = dict(zip(sources, _read(late, sources)))
    asked = list(dict.fromkeys(task.request.question for sheet in sheets for task in sheet.tasks))
    questions: dict[str, QuestionTokens] = {}
    for start in range(0, len(asked), BATCH):
        batch = asked[start : start + BATCH]
        questions |= {text: late.question(e) for text, e in zip(batch, encoder.read(batch, QUERY))}

    def with_hint(task: Task) -> Task:
        found = late.match(questions[task.request.question], [tokens[_key(s)] for s in task.request.sources])
        scores = [
            match.sentences.get(n, -1.0) + choice.gauss(0.0, noise)
            for match, source in zip(found, task.request.sources)
            for n in range(len(source.sentences))
        ]
        nearest = sorted(range(len(scores)), key=lambda n: -scores[n])[:NEAREST]
        request = replace(task.request, nearest=nearest)
        return replace(task, request=request, prompt=reply_task(request))

    return [replace(sheet, tasks=[with_hint(task) for task in sheet.tasks]) for sheet in sheets]


def _key(source: Source) -> tuple[str, ...]:
    return (source.title, *source.sentences)


def _read(late: LateInteraction, sources: Sequence[tuple[str, ...]]) -> list[TokenVectors]:
    passages = [Passage("", "", title, "", "\n".join(sentences), "") for title, *sentences in sources]
    found = []
    for start in range(0, len(passages), BATCH):
        batch = passages[start : start + BATCH]
        encodings = late.encoder.read([p.embedded_text for p in batch], PASSAGE, PASSAGE_TOKENS)
        found += [late.passage(encoding, passage) for encoding, passage in zip(encodings, batch)]
    return found
