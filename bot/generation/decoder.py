"""The embedded decoder: chooses the sentences that answer, writes the reply.

The fine-tuned model of :mod:`bot.generation.train` in int8 on CTranslate2, greedy. Choosing and
writing are one pass: the marks come first, and the words follow from the same state.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bot.generation.int8 import Int8Decoder
from bot.generation.prompt import (
    FACT_MARKS,
    MARKS,
    NONE,
    Request,
    evidence,
    reply,
    reply_task,
)
from nlu.base_models import MODELS

WRITER = MODELS / "writer"
MAX_REPLY_TOKENS = 96
_UNFINISHED = "\ufffd"  # what a character split between tokens decodes to


@dataclass(frozen=True)
class Choice:
    """Which of a request's sentences and facts answer the question.

    ``none`` is the probability that nothing shown does; ``likelihoods`` are those of each sentence being
    the first that is named. ``sentences`` and ``facts`` are never both empty, however likely ``none`` is.
    """

    none: float
    sentences: list[int]
    facts: list[int] = field(default_factory=list)
    likelihoods: list[float] = field(default_factory=list)
    draft: Draft | None = field(default=None, compare=False, repr=False)

    @property
    def marks(self) -> str:
        """As the prompt names them."""
        return "".join(MARKS[n] for n in self.sentences) + "".join(FACT_MARKS[n] for n in self.facts)

    def discard(self) -> None:
        """Say that no words are wanted: the decoder stops."""
        if self.draft:
            self.draft.stop()


class Draft:
    """Token ids of a reply that is being decoded in another thread."""

    def __init__(self, generator: Any, prompt: list[str], end: str, limit: int) -> None:
        self._steps: queue.Queue[Any] = queue.Queue()
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        self.first: Any = None  # log-probabilities of the first token
        arguments = {"max_length": limit, "end_token": [end], "include_prompt_in_result": False}
        self._thread = threading.Thread(
            target=self._run, args=(generator, prompt, {**arguments, "return_logits_vocab": True}), daemon=True
        )
        self._thread.start()

    def _run(self, generator: Any, prompt: list[str], arguments: dict[str, Any]) -> None:
        try:
            generator.generate_batch([prompt], callback=self._step, **arguments)
        except Exception as error:  # told to whoever reads the draft
            self._failure = error
        finally:
            self._steps.put(None)

    def _step(self, step: Any) -> bool:
        if step.step == 0:
            self.first = np.asarray(step.logits, dtype=np.float32).reshape(-1)
        self._steps.put(int(step.token_id))
        return self._stopped.is_set()

    def __iter__(self) -> Iterator[int]:
        """Token ids as they come; a failure of the decoder is raised here."""
        while (token := self._steps.get()) is not None:
            yield token
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        """Decode no more; returns when the decoder has let go."""
        self._stopped.set()
        self._thread.join()


class Decoder(Int8Decoder):
    """Choosing and writing with one small model. Constructing is free.

    Args:
        folder: made by :mod:`bot.generation.build`.
        threads: CPU threads for one pass.
    """

    def __init__(self, folder: Path = WRITER, threads: int = 2) -> None:
        super().__init__(folder, threads)

    # -- choosing ----------------------------------------------------------------------------

    def choose(self, request: Request) -> Choice:
        """Which sentences answer; the words are already being written behind it, until it is discarded."""
        draft = self._draft(evidence(request.sources) + reply_task(request))
        tokens = iter(draft)
        named = next(tokens, None)
        count, facts = len(request.sentences), len(request.facts)
        allowed = [*MARKS[:count], *FACT_MARKS[:facts], NONE]
        likely = _softmax(draft.first[[self._mark_ids[mark] for mark in allowed]])
        marks = []
        while named is not None and (mark := self._marks_by_id.get(named)) in allowed and mark != NONE:
            marks.append(mark)
            named = next(tokens, None)
        if not marks:
            draft.stop()
        best = allowed[int(np.argmax(likely[:-1]))] if len(allowed) > 1 else ""
        return Choice(
            none=float(likely[-1]),
            sentences=[n for n, mark in enumerate(MARKS[:count]) if mark in (marks or best)],
            facts=[n for n, mark in enumerate(FACT_MARKS[:facts]) if mark in (marks or best)],
            likelihoods=[float(p) for p in likely[:count]],
            draft=draft if marks else None,
        )

    # -- writing -----------------------------------------------------------------------------

    def write(self, request: Request, choice: Choice) -> Iterator[str]:
        """The reply from the chosen sentences in pieces, ended by the end mark, a line break, or the limit."""
        draft = choice.draft or self._draft(
            evidence(request.sources) + reply_task(request) + reply(choice.marks).rstrip()
        )
        ids: list[int] = []
        told = ""
        for token in draft:
            ids.append(token)
            text = str(self._tokenizer.decode(ids, skip_special_tokens=True)).removeprefix(":").lstrip()
            if "\n" in text:
                draft.stop()
                yield text.split("\n")[0][len(told) :]
                return
            if not text.endswith(_UNFINISHED):
                yield text[len(told) :]
                told = text

    # -- parts -------------------------------------------------------------------------------

    def _draft(self, text: str) -> Draft:
        return Draft(self._generator, self._pieces(text), self._tokenizer.eos_token, MAX_REPLY_TOKENS)

    def _pieces(self, text: str) -> list[str]:
        pieces: list[str] = self._tokenizer.convert_ids_to_tokens(self._tokenizer(text)["input_ids"])
        return pieces

    @cached_property
    def _mark_ids(self) -> dict[str, int]:
        return {mark: self._token(f" {mark}") for mark in [*MARKS, *FACT_MARKS, NONE]}

    @cached_property
    def _marks_by_id(self) -> dict[int, str]:
        return {number: mark for mark, number in self._mark_ids.items()}

    def _token(self, text: str) -> int:
        """The last token of a text."""
        return int(self._tokenizer(text, add_special_tokens=False)["input_ids"][-1])


def _softmax(scores: Any) -> Any:
    exponents = np.exp(scores - scores.max())
    return exponents / exponents.sum()
