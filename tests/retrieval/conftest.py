from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def seeded() -> Iterator[None]:
    """Training is the same each time and leaves torch as it was."""
    import torch

    threads = torch.get_num_threads()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield
    torch.set_num_threads(threads)
