"""What every test shares: the hypothesis profile and the one loaded encoder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from nlu.encoder import Encoder, shared_encoder
from tests.fakes import HashEncoder
from tests.tiny_encoder import save_encoder

# CI judges a change, so it tries the same examples each time; elsewhere new ones go on searching.
settings.register_profile("lichno", deadline=None, max_examples=50, derandomize="CI" in os.environ)
settings.load_profile("lichno")


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The built encoder, loaded once for all tests; one thread is quickest for a few short texts."""
    import torch

    torch.set_num_threads(1)
    return shared_encoder()


@pytest.fixture
def fake_encoder() -> HashEncoder:
    """A deterministic encoder without weights, with an empty record of what it encoded."""
    return HashEncoder()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder with random weights, to be trained and built upon."""
    folder = tmp_path_factory.mktemp("tiny") / "encoder"
    save_encoder(folder)
    return folder


@pytest.fixture
def full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder in fp32 on every machine, so that equal means equal."""
    import torch

    for name, module in list(sys.modules.items()):
        if name.startswith(("nlu.", "retrieval.")) and hasattr(module, "serving_precision"):
            monkeypatch.setattr(module, "serving_precision", lambda: torch.float32)
