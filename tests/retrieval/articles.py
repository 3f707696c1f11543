"""Small documents and hits for tests."""

from __future__ import annotations

from retrieval.documents import Document, Hit, Passage
from retrieval.ranking import Signals

DELIVERY = Document(
    "delivery",
    "Доставка",
    "# Доставка\n\nМы доставляем заказы по всей России.\n\n"
    "## Курьер\n\nКурьер привозит заказ за два дня. Цена 299 рублей.",
    "ru",
)
RETURNS = Document(
    "returns", "Returns", "# Returns\n\nYou may return a jacket within 30 days. Refunds take a week.", "en"
)


def passage(text: str = "Text.", document_id: str = "document", language: str = "ru") -> Passage:
    return Passage(f"{document_id}#0", document_id, "Title", "", text, language)


def signals(**values: float) -> Signals:
    """These, the others zero."""
    return Signals(**dict.fromkeys(Signals.names(), 0.0) | values)


def hit(score: float = 0.0, document_id: str = "document", *sentences: float, **values: float) -> Hit:
    """A hit with so well matching sentences and these signals."""
    return Hit(
        passage(document_id=document_id), score, signals(**values), [("Sentence.", match) for match in sentences]
    )
