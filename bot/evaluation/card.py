"""The model card that training writes beside the trained model."""

from __future__ import annotations

import datetime as dt
import json
import tarfile
from pathlib import Path
from typing import Any

REPORT = "report.json"

_TEMPLATE = """# Understanding: model card

Trained {date}, in `{model}`. Fine-tuned from multilingual-e5-small (MIT licence) on the annotated
messages of `training_data/nlu`.

**For** recognising what a customer's message wants, in Russian and English, and the entities in it.
**Not for** decisions about people, other languages, or texts longer than 2,000 characters.

{reports}
Accuracy and calibration error are measured during training, on a part of every intent that the
measured model did not learn from; they say how well more messages *like the training messages*
are understood, not how customers will write. `python -m benchmarks.demo_intents` and
`lichno eval intents` measure on other messages.
"""


def write_card(model: Path) -> Path:
    """Write the card of a trained Rasa model from the reports inside it; returns its path, ``nlu.md`` beside it."""
    card = model.with_name("nlu.md")
    sections = [_section(name, report) for name, report in _reports(model)]
    text = _TEMPLATE.format(
        date=dt.date.fromtimestamp(model.stat().st_mtime), model=model.name, reports="\n".join(sections)
    )
    card.write_text(text, encoding="utf-8")
    return card


def _reports(model: Path) -> list[tuple[str, dict[str, Any]]]:
    """(component, its report) of every component that wrote one."""
    found = []
    with tarfile.open(model) as archive:
        for member in archive.getmembers():
            path = Path(member.name)
            if path.name == REPORT and (stream := archive.extractfile(member)):
                name = path.parent.name.split(".")[-1].rstrip("0123456789")
                found.append((name, json.loads(stream.read())))
    return sorted(found)


def _section(name: str, report: dict[str, Any]) -> str:
    rows = [f"| {key.replace('_', ' ')} | {_shown(value)} |" for key, value in report.items() if _is_figure(value)]
    warnings = [f"- {warning}" for warning in report.get("warnings", [])]
    return "\n".join([f"## {name}", "", "| | |", "|---|---|", *rows, "", *warnings, ""])


def _is_figure(value: Any) -> bool:
    return value is None or isinstance(value, (int, float))


def _shown(value: Any) -> str:
    if value is None:
        return "not measured: too few examples"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
