from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.asking import Asking
from nlu.encoder import Encoder, Vectors
from nlu.typos import utterances_in

TOLD = Path("training_data/told")
ASKED = utterances_in(Path("training_data/nlu"))[::20]


def vectors(encoder: Encoder, texts: list[str]) -> Vectors:
    return np.stack([encoding.vector for encoding in encoder.read(texts)])


def lines(language: str) -> list[str]:
    return (TOLD / f"{language}.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def asking(encoder: Encoder) -> Asking:
    return Asking.fit(vectors(encoder, ASKED), vectors(encoder, lines("ru")[::2] + lines("en")[::2]))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("как его подключить?", "Колонку подарили на Новый год."),
        ("верните мне деньги", "Мы с мужем живём за городом."),
        ("when will it arrive?", "My sister gave it to me."),
        ("please send me the receipt", "We are leaving on Friday."),
    ],
)
def test_what_asks_is_told_from_what_only_tells(encoder: Encoder, asking: Asking, asked: str, told: str) -> None:
    asks, tells = asking.probabilities(vectors(encoder, [asked, told]))
    assert asks > 0.5 > tells


def test_how_many_examples_either_has_does_not_matter(encoder: Encoder) -> None:
    few, many = vectors(encoder, ASKED), vectors(encoder, lines("en")[:60])
    once, often = Asking.fit(few, many), Asking.fit(np.repeat(few, 30, axis=0), many)
    middle = (few.mean(axis=0) + many.mean(axis=0)) / 2
    assert once.probabilities(middle[None]) == pytest.approx(often.probabilities(middle[None]), abs=0.2)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_told_lines_are_different_and_ask_nothing(language: str) -> None:
    written = lines(language)
    assert len(set(written)) == len(written)
    assert not [line for line in written if "?" in line or line != line.strip()]
