"""What every test shares: the hypothesis profile and the one loaded encoder."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from nlu.encoder import Encoder, shared_encoder
from tests.fakes import HashEncoder

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
