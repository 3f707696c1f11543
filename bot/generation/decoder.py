"""The embedded decoder: reads passages with a question, writes replies, and says whether what was written is true.

The fine-tuned model of :mod:`bot.generation.training` in int8 on CTranslate2, greedy.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.generation.marks import Marks
from bot.generation.prompt import Request, Source, claim_task, evidence, reply_task, select_task
from nlu.base_models import MODELS, check

SERVED = MODELS / "decoder"
MAX_REPLY_TOKENS = 96
LONGEST_QUESTION = 400  # characters; a longer one is read as far as that
MOST_TOKENS = 500  # of passage and task: CTranslate2 4.8 fails where a text is longer than Gemma's window of 512
MOST_OF_TASK = 300  # tokens of it; letters that the cut vocabulary lacks take several each
SURE = 1e-4  # the least probability of either decision
AT_ONCE = 2  # tasks that share the weights: passages read, or a sentence judged while the next one is written
_UNFINISHED = "\ufffd"  # what a character split between tokens decodes to

Logs = NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    """What a passage has to do with a question.

    ``likelihood`` is the logarithm of the probability of the question's words behind the passage, ``decision`` the
    log-odds that one of the passage's sentences answers, ``sentences`` for each of them the logarithm of the
    probability that it does where one does.
    """

    likelihood: float
    decision: float
    sentences: tuple[float, ...] = ()


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


class Decoder:
    """One small model for three tasks, loaded when it is needed first; several threads may use one.

    Args:
        folder: made by :mod:`bot.generation.build`.
        threads: CPU threads for one reply; with one, passages are read one after the other.
    """

    def __init__(self, folder: Path = SERVED, threads: int = 2) -> None:
        self.folder = folder
        self.threads = threads

    def read(self, question: str, language: str, sources: Sequence[Source]) -> list[Reading]:
        """What each passage, read alone, has to do with a question in a language.

        Raises:
            ModelMissing: the model was not built.
        """
        asked = select_task(question[:LONGEST_QUESTION], language)
        return [*self._readers.map(lambda source: self._reading(source, *self._behind(source, asked)), sources)]

    def judge(self, request: Request, claim: str) -> float:
        """Probability that a claim, a sentence of a reply to the request, is true by one of its passages and facts.

        0 where the request has no passage.
        """
        short = Request(request.language, request.question[:LONGEST_QUESTION], [], request.facts)
        task = claim_task(short, claim)
        logs = [float(self._behind(source, task)[1][-1, self._marks.holds]) for source in request.sources]
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

    @cached_property
    def _whole(self) -> Path:
        """The folder, whose files were compared with their checksums: once, since they are large."""
        check(self.folder)
        return self.folder

    @cached_property
    def _generator(self) -> Any:
        import ctranslate2

        return ctranslate2.Generator(
            str(self._whole),
            device="cpu",
            compute_type="int8_float32",
            intra_threads=self.threads,
            inter_threads=AT_ONCE,
        )

    @cached_property
    def _readers(self) -> ThreadPoolExecutor:
        """Whole passages side by side are read faster than the operations of one side by side."""
        return ThreadPoolExecutor(min(self.threads, AT_ONCE), "reader")

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(self._whole)

    @cached_property
    def _marks(self) -> Marks:
        return Marks(self._tokenizer)

    def _behind(self, source: Source, task: str) -> tuple[list[int], Logs]:
        """The ids of a task, and what the model expects behind a passage: in place of each of them, and after the last.

        Log-probabilities of shape (ids + 1, vocabulary). Passages are read one by one: CTranslate2 4.8 refuses a batch
        of texts of different lengths.
        """
        behind: list[int] = self._tokenizer(task, add_special_tokens=False)["input_ids"][-MOST_OF_TASK:]
        ids = [*self._tokenizer(evidence([source]))["input_ids"][: MOST_TOKENS - len(behind)], *behind]
        tokens = self._tokenizer.convert_ids_to_tokens(ids)
        expected = np.asarray(self._generator.forward_batch([tokens], return_log_probs=True))
        return behind, expected[0, -len(behind) - 1 :]

    def _reading(self, source: Source, task: Sequence[int], expected: Logs) -> Reading:
        """Of a passage with a question behind it."""
        none = min(max(float(np.exp(expected[-1, self._marks.none])), SURE), 1 - SURE)
        named = expected[-1, self._marks.sentences[: len(source.sentences)]].astype(float)
        return Reading(
            float(expected[np.arange(len(task)), task].sum()),
            float(np.log((1 - none) / none)),
            tuple((named - np.logaddexp.reduce(named)).tolist()),
        )

    def _pieces(self, text: str) -> list[str]:
        pieces: list[str] = self._tokenizer.convert_ids_to_tokens(self._tokenizer(text)["input_ids"])
        return pieces
