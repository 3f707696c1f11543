"""Fine-tuning the decoder: whether a passage answers a question and by which sentence, replies, and what is true.

A passage stands before its tasks, so that it is read once for all of a lesson (they share it as in
:mod:`bot.generation.shared_prefix`). Five things are learnt at once, by low-rank adapters (Hu et al. 2021):

- which of the company's passages answers, by a softmax over them (InfoNCE, van den Oord et al. 2018);
- which sentence of it, or that none does, by cross-entropy over the marks: what a passage answers, what it nearly
  answers and what it has nothing to do with count alike, however many there are of each;
- how customers ask about a passage, by the likelihood of the question's words (Sachan et al. 2022);
- the words of a reply, by their likelihood;
- whether a sentence of a reply is true by the passage, where comparing values does not tell: true ones and broken ones
  count alike.

An interrupted run goes on from its last checkpoint, a further one from the adapter that an earlier one left. It ends
half way back to that: what it learnt stays, what it lost returns (Wortsman et al. 2022, "Robust fine-tuning").
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from bot.generation.fact_lessons import fact_lessons, read_all_questions
from bot.generation.fine_tuning import adapted, metrics_of, write_adapter
from bot.generation.lessons import Asked, Lesson, lessons
from bot.generation.marks import Marks
from bot.generation.prompt import claim_task, evidence, reply_task, select_task
from bot.generation.shared_prefix import Layout
from nlu.base_models import DECODER, MODELS, check
from nlu.fine_tuning import StepProgress
from nlu.weights.adapted import WEIGHTS
from retrieval.lora import LoraArguments, fit, mixed_precision
from retrieval.scenarios import parts, read_scenarios

ADAPTER = Path("bot/generation/adapter")
CHECKPOINT = MODELS / "training" / "decoder"
QUESTION_SHARE = 0.5  # of the likelihood of a question's words in a passage's score
LEAST = 1e-4  # the least probability that anything answers, for a finite logarithm
CARD = (
    "# Lichno's decoder: a LoRA adapter for Gemma 3 270M\n\n"
    "Says whether a passage, or what is known of the customer, answers a question and which of its sentences does"
    " (`bot/generation/selector.py`), writes a short reply from it, and says whether a sentence of a reply is true by"
    " it (`bot/generation/decoder.py`), in Russian and English and across them. What it writes must not be sent before"
    " it is verified: it copies well and knows little.\n\n"
    "Base: Gemma 3 270M, vocabulary cut to Russian and English (`nlu/weights/gemma.py`). Data: the learning part"
    " of `training_data/replies`, whose companies are all invented, and the questions of `training_data/facts` beside"
    " facts of invented customers. Made by `lichno train generator`;"
    " `python -m benchmarks.selecting`, `… .writing` and `… .claims` measure it on companies kept apart."
)


@dataclass(frozen=True)
class DecoderTrainingArguments(LoraArguments):
    """Hyperparameters of fine-tuning the decoder."""

    rounds: int = 3  # in each, every passage is read once
    customers: int = 300  # invented ones, whose facts are read
    learning_rate: float = 5e-4
    warmup: float = 0.05
    weight_decay: float = 0.0
    rank: int = 16
    first_layer: int = 6  # the lower ones stay as they are, and need no backward pass
    question_weight: float = 0.1  # of the likelihood of a question's words beside the two choices
    seed: int = 7

    @classmethod
    def further(cls, adapter: Path = ADAPTER) -> DecoderTrainingArguments:
        """Those of a shorter, gentler run that goes on from an adapter, with lessons drawn anew.

        Raises:
            ModelMissing: there is none.
        """
        made = metrics_of(adapter)
        layers = {name: made[name] for name in ("rank", "first_layer", "dropout")}
        return cls(rounds=1, learning_rate=3e-4, seed=made["seed"] + 1, **layers)


@dataclass(frozen=True)
class EncodedReply:
    """Token ids of a request's task and of the reply; ``passage`` is the number of the one that it stands before."""

    passage: int
    task: list[int]
    reply: list[int]


@dataclass(frozen=True)
class EncodedClaim:
    """Token ids of a claim's task, and whether it is true."""

    passage: int
    task: list[int]
    holds: bool


@dataclass(frozen=True)
class EncodedLesson:
    """Token ids: of each passage and of the tasks behind it; and what answers the questions, as in the lesson."""

    passages: list[list[int]]
    questions: list[list[int]]
    asked: list[Asked]
    replies: list[EncodedReply] = field(default_factory=list)
    claims: list[EncodedClaim] = field(default_factory=list)


def train_decoder(
    arguments: DecoderTrainingArguments = DecoderTrainingArguments(),
    base: Path = DECODER,
    adapter: Path = ADAPTER,
    progress: StepProgress | None = None,
    further: bool = False,
) -> dict[str, Any]:
    """Fine-tune, write the adapter with its model card, and return the card's metrics.

    Args:
        arguments: hyperparameters; ``seed`` draws the lessons.
        base: folder of the model.
        adapter: folder of the result.
        progress: hears (step, steps, loss).
        further: whether to go on from the adapter that is there, whose metrics the card keeps.

    Raises:
        ModelMissing: there is no base, or no adapter to go on from.
    """
    check(base)
    torch.manual_seed(arguments.seed)
    earlier = metrics_of(adapter) if further else {}
    checkpoint = CHECKPOINT.with_name(f"{CHECKPOINT.name}-further") if further else CHECKPOINT
    tokenizer, model = adapted(base, arguments, checkpoint, arguments.first_layer, adapter if further else None)
    marks = Marks(tokenizer)
    encoded = [encode(tokenizer, lesson) for lesson in drawn(arguments)]

    def loss_of(lesson: EncodedLesson) -> Tensor:
        with mixed_precision(model):
            return lesson_loss(model.base_model.model, marks, lesson, arguments.question_weight)

    loss = fit(model, encoded, loss_of, arguments, checkpoint, progress)
    if further:
        halfway_back(model, adapter)
    metrics: dict[str, Any] = {
        "lessons": len(encoded),
        "questions": sum(len(lesson.questions) for lesson in encoded),
        "replies": sum(len(lesson.replies) for lesson in encoded),
        "claims": sum(len(lesson.claims) for lesson in encoded),
        "final_loss": round(loss, 4),
    }
    if earlier:
        metrics["goes_on_from"] = earlier
    write_adapter(model, adapter, CARD, arguments, metrics, checkpoint)
    return metrics


def halfway_back(model: Any, adapter: Path) -> None:
    """Give the model the mean of its low-rank weights and those of an adapter of the same shape."""
    from peft import get_peft_model_state_dict, set_peft_model_state_dict
    from safetensors.torch import load_file

    before, after = load_file(adapter / WEIGHTS), get_peft_model_state_dict(model)
    set_peft_model_state_dict(model, {name: (after[name] + before[name]) / 2 for name in after})


def drawn(arguments: DecoderTrainingArguments) -> list[Lesson]:
    """The lessons of a run: of companies' passages and of customers' facts, mixed."""
    taught = [*lessons(parts(read_scenarios()).learning, arguments.rounds, arguments.seed)]
    taught += fact_lessons(read_all_questions(), arguments.customers, arguments.seed)
    random.Random(arguments.seed).shuffle(taught)
    return taught


def encode(tokenizer: Any, lesson: Lesson) -> EncodedLesson:
    """Token ids of a lesson; replies end with the end mark."""

    def ids(text: str) -> list[int]:
        found: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
        return found

    return EncodedLesson(
        [tokenizer(evidence([source]))["input_ids"] for source in lesson.sources],
        [ids(select_task(one.question, one.language)) for one in lesson.asked],
        lesson.asked,
        [
            EncodedReply(one.passage, ids(reply_task(one.request)), [*ids(f" {one.reply}"), tokenizer.eos_token_id])
            for one in lesson.written
        ],
        [
            EncodedClaim(one.passage, ids(claim_task(one.request, one.text)), one.is_true)
            for one in lesson.claims
            if one.looks_true
        ],
    )


def lesson_loss(model: Any, marks: Marks, lesson: EncodedLesson, question_weight: float) -> Tensor:
    """The losses of a lesson, each a mean over what it is of; those of naming and of claims sum such means of kinds.

    The model's attention must be :mod:`bot.generation.shared_prefix`'s.
    """
    scores: list[Tensor] = []
    surprises: list[Tensor] = []
    words: list[Tensor] = []
    kinds: dict[tuple[bool, ...], list[Tensor]] = defaultdict(list)
    for number, passage in enumerate(lesson.passages):
        replies = [one for one in lesson.replies if one.passage == number]
        claims = [one for one in lesson.claims if one.passage == number]
        tasks = [*lesson.questions, *(one.task + one.reply for one in replies), *(one.task for one in claims)]
        hidden = iter(_read(model, passage, tasks))
        asked = [next(hidden) for _ in lesson.questions]
        logs = _logs(model, [states[-1:] for states in asked])
        likely = _likelihoods(model, asked, lesson.questions)
        for row, likelihood, question, one in zip(logs, likely, lesson.questions, lesson.asked):
            if (answer := one.answers[number]) is not None:
                kinds[number == one.about, bool(answer)].append(_naming(row, answer, marks))
            if answer:
                surprises.append(-likelihood / len(question))
        none = logs[:, marks.none].clamp(max=-LEAST)
        scores.append(torch.log(-torch.expm1(none)) - none + QUESTION_SHARE * likely)
        for reply, states in zip(replies, hidden):
            said = _logs(model, [states[-len(reply.reply) - 1 : -1]])
            words.append(functional.nll_loss(said, torch.tensor(reply.reply)))
        for claim, states in zip(claims, hidden):
            kinds[(claim.holds,)].append(-_logs(model, [states[-1:]])[0, marks.holds if claim.holds else marks.fails])
    loss = sum((torch.stack(losses).mean() for losses in kinds.values()), _choosing(torch.stack(scores), lesson.asked))
    for losses, weight in ((surprises, question_weight), (words, 1.0)):
        if losses:
            loss = loss + weight * torch.stack(losses).mean()
    return loss


def _logs(model: Any, states: Sequence[Tensor]) -> Tensor:
    """Log-probabilities of the next token behind each state, shape (states, vocabulary)."""
    found: Tensor = model.lm_head(torch.cat([*states])).float().log_softmax(-1)
    return found


def _read(model: Any, passage: Sequence[int], tasks: Sequence[Sequence[int]]) -> list[Tensor]:
    """For each task the last layer's states of the passage's last token and its own, shape (tokens + 1, width)."""
    layout = Layout(len(passage), [len(task) for task in tasks])
    ids = [*passage, *(i for task in tasks for i in task)]
    hidden = model.model(
        input_ids=torch.tensor([ids]),
        position_ids=layout.positions(),
        attention_mask={"full_attention": layout, "sliding_attention": layout},
        use_cache=False,
    ).last_hidden_state[0]
    before = hidden[len(passage) - 1 : len(passage)]
    return [torch.cat([before, own]) for own in hidden[len(passage) :].split(layout.lengths)]


def _naming(logs: Tensor, answer: Sequence[int], marks: Marks) -> Tensor:
    """Surprise at the marks of the sentences that answer, or at the mark that none does."""
    return -logs[[marks.sentences[n] for n in answer]].logsumexp(0) if answer else -logs[marks.none]


def _choosing(scores: Tensor, asked: Sequence[Asked]) -> Tensor:
    """Surprise at the passages that answer, mean over the questions that one does; scores (passages, questions)."""
    losses = []
    for column, one in zip(scores.T, asked):
        right = torch.tensor([bool(answer) for answer in one.answers])
        there = torch.tensor([answer is not None for answer in one.answers])
        if right.any():
            losses.append(column[there].logsumexp(0) - column[right].logsumexp(0))
    return torch.stack(losses).mean() if losses else scores.sum() * 0.0


def _likelihoods(model: Any, hidden: Sequence[Tensor], questions: Sequence[Sequence[int]]) -> Tensor:
    """For each question the logarithm of the probability of its words behind the passage."""
    logits = model.lm_head(torch.cat([states[:-1] for states in hidden])).float()
    words = torch.tensor([i for question in questions for i in question])
    surprises = functional.cross_entropy(logits, words, reduction="none").split([len(q) for q in questions])
    return -torch.stack([one.sum() for one in surprises])
