"""What further, altered training examples give: typing mistakes, the wrong keyboard layout, the other language.

    python -m benchmarks.intent_augmentation FOLDER [--threads N]

FOLDER holds ``banking77`` and ``hwu_ru`` with CSV files ``text,intent``. Test files are not touched:
BANKING77 is learned from its 10 examples an intent and measured on its validation file, as written,
mistyped and on the wrong layout; hwu_ru is measured on a fifth of its Russian training file.
``intent_methods.md`` keeps a run.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np

import bot.quiet  # noqa: F401
from bot.evaluation.labelled import Labelled, read_labelled
from nlu.encoder import shared_encoder
from nlu.fine_tuning import stratified_split
from nlu.intent_model import IntentModel, IntentTrainingArguments
from nlu.keyboard import corrected

SEED = 13
ROWS = ("qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,."), ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
BESIDE = {
    letter: row[max(0, i - 1) : i] + row[i + 1 : i + 2] for rows in ROWS for row in rows for i, letter in enumerate(row)
}
TO_RUSSIAN_LAYOUT = str.maketrans("".join(ROWS[0]), "".join(ROWS[1]))
Alteration = Callable[[str, random.Random], str]


def mistyped(text: str, choice: random.Random) -> str:
    """One letter in ten left out, doubled, swapped with the next or replaced by a neighbour on the keyboard."""
    letters, at = [], 0
    while at < len(text):
        letter, following = text[at], text[at + 1 : at + 2]
        at += 1
        if not letter.isalpha() or choice.random() >= 0.1:
            letters.append(letter)
            continue
        altered = choice.choice(("", letter * 2, following + letter, choice.choice(BESIDE.get(letter.lower(), letter))))
        at += len(following) if altered == following + letter else 0
        letters.append(altered)
    return "".join(letters)


def other_layout(text: str, _: random.Random) -> str:
    """English typed with the Russian layout switched on."""
    return text.lower().translate(TO_RUSSIAN_LAYOUT)


def with_copies(train: Labelled, alter: Alteration, share: float) -> Labelled:
    """The examples, and altered copies of a share of them."""
    choice = random.Random(SEED)
    chosen = [i for i in range(len(train.texts)) if choice.random() < share]
    return Labelled(
        train.texts + [alter(train.texts[i], choice) for i in chosen],
        train.intents + [train.intents[i] for i in chosen],
    )


def altered(test: Labelled, alter: Alteration) -> Labelled:
    """Every text altered."""
    choice = random.Random(SEED + 1)
    return Labelled([alter(text, choice) for text in test.texts], test.intents)


def trained(train: Labelled, threads: int | None) -> IntentModel:
    """With the default hyperparameters."""
    model = IntentModel(shared_encoder())
    model.train(train.texts, train.intents, IntentTrainingArguments(seed=SEED, threads=threads))
    return model


def accuracy(model: IntentModel, test: Labelled) -> float:
    """Share of right intents."""
    return float(np.mean([p.intent == intent for p, intent in zip(model.predict(test.texts), test.intents)]))


def banking(folder: Path, threads: int | None) -> None:
    """Typing mistakes and the keyboard layout."""
    train, test = read_labelled(folder / "train_10.csv"), read_labelled(folder / "valid.csv")
    wrong = altered(test, other_layout)
    tests = {
        "as written": test,
        "mistyped": altered(test, mistyped),
        "wrong layout": wrong,
        "wrong layout, corrected": Labelled([corrected(text) or text for text in wrong.texts], wrong.intents),
    }
    ways = {
        "examples as they are": train,
        "half of them mistyped as well": with_copies(train, mistyped, 0.5),
        "all of them mistyped as well": with_copies(train, mistyped, 1.0),
        "half of them on the wrong layout as well": with_copies(train, other_layout, 0.5),
    }
    print("| examples |", " | ".join(tests), "|", flush=True)
    for name, examples in ways.items():
        model = trained(examples, threads)
        print(f"| {name} |", " | ".join(f"{accuracy(model, each):.3f}" for each in tests.values()), "|", flush=True)


def languages(folder: Path, threads: int | None) -> None:
    """Russian examples, English ones, both."""
    russian, english = read_labelled(folder / "train_ru.csv"), read_labelled(folder / "train_en.csv")
    labels = sorted(set(russian.intents))
    numbers = np.array([labels.index(intent) for intent in russian.intents])
    mask = stratified_split(numbers, 0.2, 2, SEED)
    kept, held = np.flatnonzero(~mask), np.flatnonzero(mask)
    chosen = np.random.default_rng(SEED).permutation(kept)
    half = len(chosen) // 2

    def take(source: Labelled, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Labelled:
        return Labelled([source.texts[i] for i in rows], [source.intents[i] for i in rows])

    def both(one: Labelled, other: Labelled) -> Labelled:
        return Labelled(one.texts + other.texts, one.intents + other.intents)

    # The files' rows are translations of each other.
    ways = {
        "Russian": take(russian, kept),
        "English": take(english, kept),
        "half of them in Russian, the others in English": both(
            take(russian, chosen[:half]), take(english, chosen[half:])
        ),
        "Russian and English": both(take(russian, kept), take(english, kept)),
    }
    test = take(russian, held)
    print("| examples | Russian messages |", flush=True)
    for name, examples in ways.items():
        print(f"| {name} | {accuracy(trained(examples, threads), test):.3f} |", flush=True)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, help="of training; all cores by default")
    options = parser.parse_args()
    banking(options.folder / "banking77", options.threads)
    languages(options.folder / "hwu_ru", options.threads)


if __name__ == "__main__":
    main()
