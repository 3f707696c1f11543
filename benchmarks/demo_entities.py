"""The entity model trained on the demo's examples, on messages kept apart from training.

    python -m benchmarks.demo_entities

Prints precision, recall and F1 of exact spans for each kind and language, as a message is
understood: rules and model together. Last come the seconds that training took.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import bot.quiet  # noqa: F401
from nlu.encoder import shared_encoder
from nlu.entities import Entity, without_overlaps
from nlu.entity_examples import EntityExample, Span
from nlu.entity_model import EntityModel
from nlu.entity_rules import find_entities

HERE = Path(__file__).parent
TRAINING, HELD_OUT = HERE.parent / "training_data" / "nlu", HERE / "entities"


def read(path: Path) -> list[EntityExample]:
    """Rasa's annotated examples of a file."""
    from rasa.shared.nlu.training_data.loading import load_data

    return [
        EntityExample(
            message.get("text"), [Span(e["start"], e["end"], e["entity"]) for e in message.get("entities", [])]
        )
        for message in load_data(str(path)).training_examples
    ]


def main() -> None:
    """Train, find and print."""
    examples = [example for path in sorted(TRAINING.glob("*.yml")) for example in read(path)]
    model = EntityModel(shared_encoder())
    start = time.perf_counter()
    report = model.train(examples)
    seconds = time.perf_counter() - start
    for path in sorted(HELD_OUT.glob("*.yml")):
        held_out = read(path)
        found = [
            without_overlaps([*find_entities(example.text), *learned])
            for example, learned in zip(held_out, model.predict([example.text for example in held_out]))
        ]
        print(f"{path.stem}, {len(held_out)} messages: precision, recall, F1")
        for kind in (*report.kinds, "all"):
            print(f"  {kind:8} " + " ".join(f"{figure:.3f}" for figure in scores(held_out, found, report.kinds, kind)))
    print(f"trained on {report.examples:,} examples with {report.spans:,} spans in {seconds:.0f} s")


def scores(
    examples: Sequence[EntityExample], found: Sequence[Sequence[Entity]], kinds: Sequence[str], kind: str
) -> tuple[float, float, float]:
    """Precision, recall and F1 of exact spans of one kind, or of all the given kinds."""
    counted = kinds if kind == "all" else [kind]
    counts = Counter[str]()
    for example, entities in zip(examples, found):
        wanted = {(span.start, span.end, span.kind) for span in example.spans if span.kind in counted}
        given = {(entity.start, entity.end, entity.kind) for entity in entities if entity.kind in counted}
        counts.update(wanted=len(wanted), given=len(given), right=len(wanted & given))
    right, given_all, wanted_all = counts["right"], counts["given"], counts["wanted"]
    return right / max(given_all, 1), right / max(wanted_all, 1), 2 * right / max(given_all + wanted_all, 1)


if __name__ == "__main__":
    main()
