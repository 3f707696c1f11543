from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

from bot.evaluation.card import write_card


def archive(path: Path, files: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return path


def test_the_card_tells_what_every_component_reported(tmp_path: Path) -> None:
    report = {"examples": 12, "accuracy": 0.91234, "temperature": None, "warnings": ["Two texts are the same."]}
    model = archive(
        tmp_path / "m.tar.gz",
        {
            "components/train_nlu.intent_classifier.IntentClassifier3/report.json": json.dumps(report),
            "components/train_Other1/weights.json": "{}",
        },
    )
    text = write_card(model).read_text()
    assert "## IntentClassifier\n" in text
    assert "| examples | 12 |" in text and "| accuracy | 0.912 |" in text
    assert "| temperature | not measured: too few examples |" in text
    assert "- Two texts are the same." in text
    assert "m.tar.gz" in text


def test_a_model_without_reports_has_a_card_too(tmp_path: Path) -> None:
    card = write_card(archive(tmp_path / "m.tar.gz", {"metadata.json": "{}"}))
    assert card == tmp_path / "nlu.md"
    assert "model card" in card.read_text()
