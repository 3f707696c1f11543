"""A small network that tags words. Knows no Rasa.

A convolution over neighbouring words scores the tags B- and I- of each kind and O; a linear-chain
conditional random field (Lafferty et al. 2001, "Conditional Random Fields") joins them, so that a
span begins with B- and stays of one kind. Tag 0 is O; kind k has the tags 2k + 1 (B-) and 2k + 2 (I-).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

FORBIDDEN = -1e4  # log-potential of what cannot be


class Tagger(nn.Module):
    """Scores of each word's tags, and a linear-chain conditional random field over them.

    Args:
        size: features of a word.
        kinds: how many; there are ``2 * kinds + 1`` tags.
        hidden, window, dropout: as in :class:`nlu.entity_model.EntityTrainingArguments`.
    """

    forbidden: Tensor
    forbidden_first: Tensor

    def __init__(self, size: int, kinds: int, hidden: int, window: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.sizes = {"size": size, "kinds": kinds, "hidden": hidden, "window": window}
        tags = 2 * kinds + 1
        self.inner = nn.Sequential(nn.Dropout(dropout), nn.Linear(size, hidden), nn.GELU())
        self.neighbours = nn.Conv1d(hidden, hidden, window, padding=window // 2)
        self.outer = nn.Sequential(nn.Dropout(dropout), nn.Linear(hidden, tags))
        self.transitions = nn.Parameter(torch.zeros(tags, tags))  # from row to column
        self.first = nn.Parameter(torch.zeros(tags))
        inside = torch.arange(tags) % 2 == 0  # I- of a kind, besides O
        inside[0] = False
        tag = torch.arange(tags)
        same_kind = (tag[:, None] + 1) // 2 == (tag[None, :] + 1) // 2
        self.register_buffer("forbidden", FORBIDDEN * (inside[None, :] & ~same_kind), persistent=False)
        self.register_buffer("forbidden_first", FORBIDDEN * inside, persistent=False)

    def loss(self, words: Sequence[Tensor], tags: Sequence[Tensor]) -> Tensor:
        """Negative log-likelihood of the tags, per word, over texts of (words, features) and (words,)."""
        mask = pad_sequence([torch.ones(len(text), dtype=torch.bool) for text in words], batch_first=True)
        scores = self._scores(pad_sequence(list(words), batch_first=True), mask)
        wanted = pad_sequence(list(tags), batch_first=True)
        transitions, first = self._potentials()
        right = (scores.gather(2, wanted[..., None])[..., 0] * mask).sum(dim=1) + first[wanted[:, 0]]
        right = right + (transitions[wanted[:, :-1], wanted[:, 1:]] * mask[:, 1:]).sum(dim=1)
        total = first + scores[:, 0]
        for i in range(1, scores.shape[1]):
            longer = torch.logsumexp(total[:, :, None] + transitions, dim=1) + scores[:, i]
            total = torch.where(mask[:, i, None], longer, total)
        return (torch.logsumexp(total, dim=1) - right).sum() / mask.sum()

    def decode(self, words: Tensor) -> tuple[list[int], list[float]]:
        """The best tags of one text's words (Viterbi), and each one's probability (forward-backward)."""
        with torch.inference_mode():
            scores = self._scores(words[None], torch.ones(1, len(words), dtype=torch.bool))[0]
            transitions, first = self._potentials()
            tags = _viterbi(scores, transitions, first)
            return tags, _marginals(scores, transitions, first)[range(len(tags)), tags].tolist()

    def _potentials(self) -> tuple[Tensor, Tensor]:
        return self.transitions + self.forbidden, self.first + self.forbidden_first

    def _scores(self, words: Tensor, mask: Tensor) -> Tensor:
        """(texts, words, features) to (texts, words, tags)."""
        inner = self.inner(words) * mask[..., None]  # the convolution must see nothing beyond a text's end
        around = self.neighbours(inner.transpose(1, 2)).transpose(1, 2)
        scores: Tensor = self.outer(inner + functional.gelu(around))
        return scores


def _viterbi(scores: Tensor, transitions: Tensor, first: Tensor) -> list[int]:
    best, origins = first + scores[0], []
    for row in scores[1:]:
        value, origin = (best[:, None] + transitions).max(dim=0)
        best = value + row
        origins.append(origin.tolist())
    tags = [int(best.argmax())]
    for came_from in reversed(origins):
        tags.append(came_from[tags[-1]])
    return tags[::-1]


def _marginals(scores: Tensor, transitions: Tensor, first: Tensor) -> Tensor:
    """Probability of each tag at each word, shape (words, tags)."""
    forward, backward = [first + scores[0]], [torch.zeros_like(first)]
    for row in scores[1:]:
        forward.append(torch.logsumexp(forward[-1][:, None] + transitions, dim=0) + row)
    for row in scores[1:].flip(0):
        backward.append(torch.logsumexp(transitions + row + backward[-1], dim=1))
    return torch.softmax(torch.stack(forward) + torch.stack(backward[::-1]), dim=1)
