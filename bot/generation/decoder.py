"""The embedded decoder: reads passages with a question, writes replies, and says whether what was written is true.

The fine-tuned model of :mod:`bot.generation.training` in int8 on CTranslate2, greedy.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.generation.int8 import Int8Decoder
from bot.generation.prompt import HOLDS, NONE, Request, Source, claim_task, evidence, reply_task, select_task
from nlu.base_models import MODELS

SERVED = MODELS / "decoder"
MAX_REPLY_TOKENS = 96
LONGEST_QUESTION = 400  # characters; a longer one is read as far as that
MOST_TOKENS = 500  # of passage and task: CTranslate2 4.8 fails where a text is longer than Gemma's window of 512
MOST_OF_TASK = 300  # tokens of it; letters that the cut vocabulary lacks take several each
SURE = 1e-4  # the least probability of either decision
_UNFINISHED = "\ufffd"  # what a character split between tokens decodes to


@dataclass(frozen=True)
class Reading:
    """What a passage has to do with a question.

    ``likelihood`` is the logarithm of the probability of the question's words behind the passage, ``words`` their
    number in tokens; ``decision`` the log-odds that one of the passage's sentences answers.
    """

    likelihood: float
    words: int
    decision: float


class Draft:
    """Token ids of a reply that is being decoded in another thread."""

    def __init__(self, generator: Any, prompt: list[str], end: str, limit: int) -> None:
        self._steps: queue.Queue[Any] = queue.Queue()
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        arguments = {"max_length": limit, "end_token": [end], "include_prompt_in_result": False}
        self._thread = threading.Thread(target=self._run, args=(generator, prompt, arguments), daemon=True)
        self._thread.start()

    def _run(self, generator: Any, prompt: list[str], arguments: dict[str, Any]) -> None:
        try:
            generator.generate_batch([prompt], callback=self._step, **arguments)
        except Exception as error:  # told to whoever reads the draft
            self._failure = error
        finally:
            self._steps.put(None)

    def _step(self, step: Any) -> bool:
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
    """One small model for three tasks. Constructing is free; several threads may use one.

    Args:
        folder: made by :mod:`bot.generation.build`.
        threads: CPU threads for one pass.
    """

    def __init__(self, folder: Path = SERVED, threads: int = 2) -> None:
        super().__init__(folder, threads)

    def read(self, question: str, language: str, sources: Sequence[Source]) -> list[Reading]:
        """What each passage, read alone, has to do with a question in a language.

        Raises:
            ModelMissing: the model was not built.
        """
        asked = select_task(question[:LONGEST_QUESTION], language)
        return [_reading(*self._scored(source, asked, NONE)) for source in sources]

    def judge(self, request: Request, claim: str) -> float:
        """Probability that a claim, a sentence of a reply to the request, is true by one of its passages and facts.

        0 where the request has no passage.
        """
        short = Request(request.language, request.question[:LONGEST_QUESTION], [], request.facts)
        logs = [self._scored(source, claim_task(short, claim), HOLDS)[0][-1] for source in request.sources]
        return float(np.exp(max(logs))) if logs else 0.0

    def write(self, request: Request) -> Generator[str, None, None]:
        """A reply to the request in pieces, ended by the end mark, a line break, or the limit."""
        draft = Draft(
            self._generator,
            self._pieces(evidence(request.sources) + reply_task(request)),
            self._tokenizer.eos_token,
            MAX_REPLY_TOKENS,
        )
        ids: list[int] = []
        told = ""
        try:
            for token in draft:
                ids.append(token)
                text = str(self._tokenizer.decode(ids, skip_special_tokens=True)).lstrip(" ")
                if "\n" in text:
                    yield text.split("\n")[0][len(told) :]
                    return
                if not text.endswith(_UNFINISHED):
                    yield text[len(told) :]
                    told = text
        finally:  # whoever reads may have read enough
            draft.stop()

    # -- parts -------------------------------------------------------------------------------

    def _scored(self, source: Source, task: str, mark: str) -> tuple[list[float], int]:
        """Log-probabilities of the tokens of a passage with a task and the mark behind it; how many are the task's.

        Passages are read one by one: CTranslate2 4.8 refuses a batch of texts of different lengths.
        """
        behind = self._tokenizer(task + mark, add_special_tokens=False)["input_ids"][-MOST_OF_TASK:]
        ids = [*self._tokenizer(evidence([source]))["input_ids"][: MOST_TOKENS - len(behind)], *behind]
        (scored,) = self._generator.score_batch([self._tokenizer.convert_ids_to_tokens(ids)])
        return scored.log_probs, len(behind)

    def _pieces(self, text: str) -> list[str]:
        pieces: list[str] = self._tokenizer.convert_ids_to_tokens(self._tokenizer(text)["input_ids"])
        return pieces


def _reading(logs: Sequence[float], task: int) -> Reading:
    """From the log-probabilities of a text's tokens, of which the last ``task`` are the question and the none mark."""
    none = min(max(float(np.exp(logs[-1])), SURE), 1 - SURE)
    return Reading(float(sum(logs[-task:-1])), task - 1, float(np.log((1 - none) / none)))
