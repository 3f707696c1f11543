from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.dialogue_model import latest_model
from nlu.errors import ModelMissing


def test_the_newest_model_counts_whatever_its_name(tmp_path: Path) -> None:
    for name, age in (("z-old", 20), ("a-new", 10)):
        model = tmp_path / f"{name}.tar.gz"
        model.touch()
        os.utime(model, (1_000_000 - age, 1_000_000 - age))
    (tmp_path / "newer.txt").touch()
    assert latest_model(tmp_path).name == "a-new.tar.gz"


@pytest.mark.parametrize("folder", [".", "none"])
def test_without_a_model_the_remedy_is_told(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ModelMissing, match="lichno train"):
        latest_model(tmp_path / folder)
