from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from nlu.base_models import build_atomically, check, sha256
from nlu.encoder import Encoder
from nlu.weights import adapted
from nlu.weights.adapted import WEIGHTS, adapter_weights, build_adapted


@pytest.fixture
def adapter(tiny_folder: Path, tmp_path: Path) -> Path:
    """A random LoRA adapter of the small encoder's top layer."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModel

    config = LoraConfig(
        r=2, lora_alpha=4, target_modules=["query"], layers_to_transform=[7], layers_pattern="layer",
        init_lora_weights=False, base_model_name_or_path=str(tiny_folder),
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        get_peft_model(AutoModel.from_pretrained(tiny_folder), config).save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


@pytest.fixture
def built(tiny_folder: Path, adapter: Path, tmp_path: Path) -> Path:
    (tmp_path / "built").mkdir()
    build_adapted(tiny_folder, adapter, tmp_path / "built")
    return tmp_path / "built"


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    from transformers import AutoModel

    weights: dict[str, torch.Tensor] = AutoModel.from_pretrained(folder).state_dict()
    return weights


def test_the_adapters_product_is_added_to_the_bases_weights_and_the_others_stay(
    tiny_folder: Path, adapter: Path, built: Path
) -> None:
    from safetensors.torch import load_file

    learned = load_file(adapter / WEIGHTS)
    (down,) = (value for name, value in learned.items() if "lora_A" in name)
    (up,) = (value for name, value in learned.items() if "lora_B" in name)
    before, after = weights_of(tiny_folder), weights_of(built)
    changed = "encoder.layer.7.attention.self.query.weight"
    torch.testing.assert_close(after.pop(changed), before.pop(changed) + 2.0 * up @ down)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_everything_else_of_the_base_comes_with_it_but_its_weights_and_checksums(
    tiny_folder: Path, adapter: Path, tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    base = tmp_path / "base"
    shutil.copytree(tiny_folder, base)
    (base / "checksums.json").write_text("{}")
    (base / "LICENSE").write_text("MIT")
    folder = tmp_path / "built"
    folder.mkdir()
    build_adapted(base, adapter, folder)
    assert {path.name for path in folder.iterdir()} == {path.name for path in base.iterdir()} - {"checksums.json"}
    assert (folder / "LICENSE").read_text() == "MIT"
    text = "Где мой заказ? Where is the order?"
    assert AutoTokenizer.from_pretrained(folder)(text) == AutoTokenizer.from_pretrained(base)(text)


def test_a_companys_own_adapter_goes_before_the_shipped_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapted, "OWN", tmp_path / "own")
    monkeypatch.setattr(adapted, "SHIPPED", tmp_path / "shipped")
    assert adapter_weights() == tmp_path / "shipped" / WEIGHTS
    (tmp_path / "own").mkdir()
    assert adapter_weights() == tmp_path / "shipped" / WEIGHTS
    (tmp_path / "own" / WEIGHTS).touch()
    assert adapter_weights() == tmp_path / "own" / WEIGHTS


def test_what_is_built_is_an_encoder_that_reads_as_base_and_adapter_do_together(
    tiny_folder: Path, adapter: Path, built: Path, full_precision: None
) -> None:
    from peft import PeftModel

    together = Encoder(tiny_folder)
    transformer = PeftModel.from_pretrained(together.fresh_transformer(), str(adapter)).eval().base_model.model
    together.__dict__["transformer"] = transformer
    texts = ["Где мой заказ?", "How much is the courier?"]
    expected = together.encode_passages(texts)
    np.testing.assert_allclose(Encoder(built).encode_passages(texts), expected, atol=1e-5)
    assert np.abs(Encoder(tiny_folder).encode_passages(texts) - expected).max() > 1e-3


def test_building_twice_gives_the_same_files_and_leaves_the_base_alone(
    tiny_folder: Path, adapter: Path, tmp_path: Path
) -> None:
    before = sums(tiny_folder)
    for name in ("one", "two"):
        build_atomically(tmp_path / name, lambda part: build_adapted(tiny_folder, adapter, part))
    assert sums(tmp_path / "one") == sums(tmp_path / "two")
    assert sums(tiny_folder) == before
    check(tmp_path / "one")


def sums(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in folder.iterdir()}
