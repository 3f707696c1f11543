"""Where the trained Rasa model is."""

from __future__ import annotations

from pathlib import Path

from nlu.base_models import MODELS
from nlu.errors import ModelMissing


def latest_model(folder: Path = MODELS) -> Path:
    """The newest trained model.

    Raises:
        ModelMissing: none is trained yet.
    """
    found = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise ModelMissing("No dialogue model is trained yet: run `lichno train`.")
    return found[-1]
