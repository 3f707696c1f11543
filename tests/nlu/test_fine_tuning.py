from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from nlu.fine_tuning import FineTuning, FineTuningArguments, centred, stratified_split, supervised_contrast
from nlu.layers import mean_of_each, run_layers

DIMENSION, CLASSES, EACH = 16, 3, 6
ARGUMENTS = FineTuningArguments(epochs=3, batch_size=4, contrast_temperature=0.2, token_dropout=0.2)


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def tuning(arguments: FineTuningArguments = ARGUMENTS) -> FineTuning:
    """A tiny random transformer to be taught three classes, each with a direction of its own under much noise."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=9, hidden_size=DIMENSION, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    targets = torch.arange(CLASSES).repeat_interleave(EACH)
    states = [torch.randn(4 + i % 3, DIMENSION) for i in range(len(targets))]
    states = [state + 1.5 * functional.one_hot(target, DIMENSION) for state, target in zip(states, targets)]
    return FineTuning(
        nn.ModuleList(BertModel(config).encoder.layer), states, targets,
        rows=torch.eye(CLASSES, DIMENSION), centre=torch.zeros(DIMENSION), arguments=arguments,
    )  # fmt: skip


def outputs(run: FineTuning) -> Tensor:
    with torch.inference_mode():
        lengths = [len(state) for state in run.states]
        return centred(
            mean_of_each(run_layers(run.layers, torch.cat(list(run.states)), lengths)[0], lengths), run.centre
        )


def test_contrast_is_the_mean_surprise_at_a_classmate() -> None:
    # Temperature 0.5: cosines count double. The first two are classmates, the third has none.
    vectors = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    first = -1.2 + math.log(math.exp(1.2) + math.exp(0.0))
    second = -1.2 + math.log(math.exp(1.2) + math.exp(1.6))
    loss = supervised_contrast(vectors, torch.tensor([0, 0, 1]), 0.5)
    assert loss.item() == pytest.approx((first + second) / 2, abs=1e-5)


def test_several_classmates_count_by_their_mean() -> None:
    # All alike: each of the two classmates among the three others has a third of the chance.
    loss = supervised_contrast(torch.tensor([[1.0, 0.0]] * 4), torch.tensor([0, 0, 0, 1]), 0.5)
    assert loss.item() == pytest.approx(math.log(3), abs=1e-5)


def test_contrast_is_nothing_without_classmates_and_still_goes_backward() -> None:
    vectors = functional.normalize(torch.randn(4, 3), dim=1).requires_grad_()
    loss = supervised_contrast(vectors, torch.arange(4), 0.05)
    loss.backward()
    assert loss.item() == 0.0
    assert vectors.grad is not None and not vectors.grad.any()


def test_following_the_contrasts_gradient_brings_classmates_together() -> None:
    vectors = functional.normalize(torch.randn(6, 8), dim=1)
    targets = torch.tensor([0, 0, 0, 1, 1, 1])
    leaf = vectors.clone().requires_grad_()
    supervised_contrast(leaf, targets, 0.1).backward()
    assert leaf.grad is not None and torch.isfinite(leaf.grad).all()
    moved = functional.normalize(vectors - 0.05 * leaf.grad, dim=1)

    def within_less_across(rows: Tensor) -> float:
        cosines, same = rows @ rows.T, targets[:, None] == targets[None, :]
        return float(cosines[same].mean() - cosines[~same].mean())

    assert within_less_across(moved) > within_less_across(vectors)
    assert supervised_contrast(moved, targets, 0.1) < supervised_contrast(vectors, targets, 0.1)


def test_centring_is_of_directions_and_gives_unit_length() -> None:
    vectors = torch.tensor([[10.0, 0.0], [0.0, 0.5]])
    centre = torch.tensor([0.0, 1.0])
    root = math.sqrt(0.5)
    torch.testing.assert_close(centred(vectors, centre), torch.tensor([[root, -root], [0.0, 0.0]]))


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=120),
    st.sampled_from([0.0, 0.1, 0.2, 0.5]),
    st.integers(2, 10),
    st.integers(0, 3),
)
def test_the_split_holds_out_its_part_of_every_large_class(
    targets: list[int], part: float, at_least: int, seed: int
) -> None:
    array = np.array(targets)
    mask = stratified_split(array, part, at_least, seed)
    assert mask.shape == array.shape and mask.dtype == bool
    for target in set(targets):
        count, held_out = targets.count(target), int(mask[array == target].sum())
        assert held_out == (max(1, round(count * part)) if part and count >= at_least else 0)
        assert held_out < count
    np.testing.assert_array_equal(stratified_split(array, part, at_least, seed), mask)


def test_another_seed_holds_out_others() -> None:
    targets = np.zeros(50, dtype=int)
    one, other = (stratified_split(targets, 0.2, 4, seed) for seed in (1, 2))
    assert (one != other).any()


@pytest.mark.parametrize(
    ("examples", "epochs"),
    [(1, 8), (5_000, 8), (8_000, 5), (10_000, 4), (20_000, 2), (1_000_000, 2), (0, 8)],
)
def test_a_large_set_gets_fewer_epochs_down_to_two(examples: int, epochs: int) -> None:
    assert FineTuningArguments(epochs=8, examples_seen=40_000).epochs_for(examples) == epochs


def test_one_epoch_stays_one() -> None:
    assert [FineTuningArguments(epochs=1).epochs_for(count) for count in (10, 10_000_000)] == [1, 1]


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
    st.integers(1, 3),
    st.integers(1, 9),
)
def test_an_epoch_has_every_example_once_and_groups_of_classmates(targets: list[int], group: int, size: int) -> None:
    run = tuning(FineTuningArguments(group=group, batch_size=size))
    run.targets = torch.tensor(targets)
    run._prepare()
    for _ in range(2):
        batches = run._batches()
        assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
        flat = [index for batch in batches for index in batch]
        assert sorted(flat) == list(range(len(targets)))
        # Runs of one class: none but one a class (its rest) is cut shorter than the group.
        classes = [targets[index] for index in flat]
        starts = [i for i in range(len(classes)) if i == 0 or classes[i] != classes[i - 1]]
        lengths = [after - before for before, after in zip(starts, [*starts[1:], len(classes)])]
        short = [classes[start] for start, length in zip(starts, lengths) if length % group]
        assert len(short) == len(set(short))


def test_the_next_epoch_has_another_order() -> None:
    run = tuning()
    run._prepare()
    assert run._batches() != run._batches()


def test_training_lowers_the_loss_and_parts_the_classes() -> None:
    run = tuning(FineTuningArguments(epochs=12, batch_size=6, learning_rate=2e-3, contrast_temperature=0.2))
    run.layers.eval()
    before = supervised_contrast(outputs(run), run.targets, 0.2)
    run.run()
    assert np.mean(run.losses[-6:]) < np.mean(run.losses[:6])
    assert supervised_contrast(outputs(run), run.targets, 0.2) < before
    assert not run.layers.training


def test_the_thinned_text_keeps_its_first_position_and_about_its_share_of_the_others() -> None:
    run = tuning(FineTuningArguments(token_dropout=0.3))
    state = torch.arange(200.0)[:, None]
    thinned = [run._thin(state) for _ in range(20)]
    assert all(one[0].item() == 0.0 for one in thinned)
    assert np.mean([len(one) for one in thinned]) == pytest.approx(140, abs=8)
    assert all(bool((one[1:] > one[:-1]).all()) for one in thinned)
    run.arguments = FineTuningArguments(token_dropout=0.0)
    assert torch.equal(run._thin(state), state)


def test_progress_counts_every_step_to_the_total_with_its_loss() -> None:
    run, heard = tuning(), list[tuple[int, int, float]]()
    run.run(lambda *step: heard.append(step))
    steps = 3 * math.ceil(CLASSES * EACH / 4)
    assert [step[:2] for step in heard] == [(number, steps) for number in range(1, steps + 1)]
    assert [loss for *_, loss in heard] == run.losses


def checked(run: FineTuning, errors: list[float]) -> tuple[Callable[[], float], list[dict[str, Tensor]]]:
    """A check that gives these errors in turn and notes the layers that it saw."""
    states: list[dict[str, Tensor]] = []

    def check() -> float:
        assert not run.layers.training
        states.append({name: value.clone() for name, value in run.layers.state_dict().items()})
        return errors[len(states) - 1]

    return check, states


@pytest.mark.parametrize(
    ("errors", "epochs", "best"),
    [
        ([0.3, 0.1, 0.2, 0.1, 0.0], 4, 1),  # as good is no improvement
        ([0.3, 0.4, 0.2, 0.1, 0.05], 5, 4),  # one worse epoch does not end it
        ([0.1, 0.2, 0.3, 0.0, 0.0], 3, 0),
    ],
)
def test_training_stops_after_two_epochs_without_improvement_and_keeps_the_best(
    errors: list[float], epochs: int, best: int
) -> None:
    run = tuning(FineTuningArguments(epochs=5, batch_size=9))
    check, states = checked(run, errors)
    run.run(check=check)
    assert len(states) == epochs
    assert len(run.losses) == epochs * 2
    for name, value in run.layers.state_dict().items():
        assert torch.equal(value, states[best][name]), name
    if best + 1 < len(states):
        assert any(not torch.equal(states[-1][name], value) for name, value in run.layers.state_dict().items())


def test_the_same_seed_gives_the_same_layers_and_another_seed_others() -> None:
    runs = [tuning(FineTuningArguments(epochs=1, batch_size=6, seed=seed)) for seed in (5, 5, 6)]
    for run in runs:
        torch.manual_seed(run.arguments.seed)
        run.run()
    first, again, other = (torch.cat([p.flatten() for p in run.layers.parameters()]) for run in runs)
    assert runs[0].losses == runs[1].losses
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_only_the_layers_learn() -> None:
    run = tuning(FineTuningArguments(epochs=1, batch_size=6))
    before = [state.clone() for state in run.states], run.rows.clone(), run.centre.clone()
    run.run()
    assert all(torch.equal(one, other) for one, other in zip(before[0], run.states))
    assert torch.equal(before[1], run.rows) and torch.equal(before[2], run.centre)


def test_lower_layers_learn_slower() -> None:
    run = tuning(FineTuningArguments(learning_rate=1e-3, layer_decay=0.5, head_learning_rate=2e-2))
    run._prepare()
    assert [group["lr"] for group in run._optimizer.param_groups] == pytest.approx([5e-4, 1e-3, 2e-2])
