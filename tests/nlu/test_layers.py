from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import AutoModel, BertConfig, BertModel, DistilBertConfig, DistilBertModel, XLMRobertaConfig
from transformers import XLMRobertaModel as XLMRoberta

from nlu.encoder import Encoder
from nlu.errors import ModelBroken
from nlu.layers import check_layers, mean_of_each, run_layers

LENGTHS = [3, 9, 1, 5]
SMALL = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32}
# Unlike their neighbours in value, so that a wrong mask or a wrong order shows.
TEXTS = ["query: ok", "query: Где мой заказ NL-204518? Обещали вчера.", "query: how do I return it?"]


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture
def small() -> Any:
    """A random BERT whose weights are large enough for attention to matter."""
    return BertModel(BertConfig(**SMALL, initializer_range=0.3)).eval()


def test_the_models_own_padded_pass_comes_out(encoder: Encoder) -> None:
    model = AutoModel.from_pretrained(encoder.name).eval()
    batch = encoder.tokenizer(TEXTS, padding=True, return_tensors="pt")
    lengths = batch["attention_mask"].sum(1).tolist()
    with torch.inference_mode():
        whole = model(**batch, output_hidden_states=True)
        embedded = torch.cat([row[:length] for row, length in zip(whole.hidden_states[0], lengths)])
        packed, kept = run_layers(model.encoder.layer, embedded, lengths, frozenset({6}))
    for name, run, padded in (("last", packed, whole.last_hidden_state), ("6", kept[6], whole.hidden_states[6])):
        expected = torch.cat([row[:length] for row, length in zip(padded, lengths)])
        torch.testing.assert_close(run, expected, atol=2e-4, rtol=1e-3, msg=lambda text, name=name: f"{name}: {text}")


def by_letters(texts: list[str], max_length: int, **options: Any) -> dict[str, list[list[int]]]:
    """A tokenizer: each letter is a piece, "a" the fifth."""
    return {"input_ids": [[ord(letter) - ord("a") + 5 for letter in text][:max_length] for text in texts]}


@pytest.mark.parametrize("bare", [(BertModel, BertConfig), (XLMRoberta, XLMRobertaConfig)])
def test_embeddings_and_layers_of_both_families_are_run_as_they_are(bare: tuple[Any, Any]) -> None:
    model = bare[0](bare[1](**SMALL, initializer_range=0.3)).eval()
    encoder = Encoder("random")
    encoder.__dict__.update(transformer=model, tokenizer=by_letters)
    with torch.inference_mode():
        embedded, ids = encoder.embed(["abcdefg", "hi"], 6)
        assert ids == [[5, 6, 7, 8, 9, 10], [12, 13]]
        outputs, _ = run_layers(model.encoder.layer, embedded, [6, 2])
        for row, entering, output in zip(ids, embedded.split([6, 2]), outputs.split([6, 2]), strict=True):
            alone = torch.tensor([row])
            expected = model(input_ids=alone, attention_mask=torch.ones_like(alone), output_hidden_states=True)
            torch.testing.assert_close(entering, expected.hidden_states[0][0])
            torch.testing.assert_close(output, expected.last_hidden_state[0], atol=1e-5, rtol=1e-4)


def test_a_text_comes_out_the_same_in_any_batch(small: Any) -> None:
    texts = [torch.randn(length, 16) for length in LENGTHS]
    with torch.inference_mode():
        together = run_layers(small.encoder.layer, torch.cat(texts), LENGTHS)[0].split(LENGTHS)
        backwards = run_layers(small.encoder.layer, torch.cat(texts[::-1]), LENGTHS[::-1])[0].split(LENGTHS[::-1])
        for text, one, other in zip(texts, together, backwards[::-1], strict=True):
            alone, _ = run_layers(small.encoder.layer, text, [len(text)])
            torch.testing.assert_close(one, alone, atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(other, alone, atol=1e-5, rtol=1e-4)


def test_layers_are_kept_by_their_number_and_zero_is_the_input(small: Any) -> None:
    hidden = torch.randn(sum(LENGTHS), 16)
    with torch.inference_mode():
        last, kept = run_layers(small.encoder.layer, hidden, LENGTHS, frozenset({0, 1, 3}))
        first, none = run_layers(small.encoder.layer[:1], hidden, LENGTHS)
    assert (sorted(kept), none) == ([0, 1, 3], {})
    assert torch.equal(kept[0], hidden)
    assert torch.equal(kept[1], first)
    assert torch.equal(kept[3], last)


def test_without_layers_the_input_comes_out() -> None:
    hidden = torch.randn(4, 16)
    assert torch.equal(run_layers([], hidden, [4])[0], hidden)


def test_the_mean_is_over_each_texts_own_positions_in_fp32() -> None:
    hidden = torch.tensor([[1.0, 3.0], [3.0, 5.0], [7.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 1.0]])
    means = mean_of_each(hidden.to(torch.bfloat16), [2, 1, 3])
    assert means.dtype == torch.float32
    assert means.tolist() == [[2.0, 4.0], [7.0, 0.0], [1.0, 1.0]]


def test_gradients_reach_the_layers_and_stay_within_the_text(small: Any) -> None:
    hidden: Tensor = torch.randn(5, 16, requires_grad=True)
    output, _ = run_layers(small.encoder.layer, hidden, [2, 3])
    output[:2, 0].sum().backward()
    assert hidden.grad is not None
    assert hidden.grad[:2].abs().sum() > 0
    assert hidden.grad[2:].abs().sum() == 0
    assert all(parameter.grad is not None for parameter in small.encoder.layer[0].attention.parameters())


def test_bert_like_layers_pass_the_check(small: Any) -> None:
    check_layers(list(small.encoder.layer), "random")


@pytest.mark.parametrize(
    "layers",
    [[], [nn.Linear(2, 2)], DistilBertModel(DistilBertConfig(dim=8, hidden_dim=8, n_heads=1, n_layers=1)).transformer],
)
def test_other_layers_are_refused_with_the_models_name(layers: Any) -> None:
    listed = list(layers) if isinstance(layers, list) else list(layers.layer)
    with pytest.raises(ModelBroken, match="The model some/model is not BERT-like: choose a BERT"):
        check_layers(listed, "some/model")
