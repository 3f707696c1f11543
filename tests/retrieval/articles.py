"""Small documents and hits for tests."""

from __future__ import annotations

from retrieval.documents import Document, Hit, Passage

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


def hit(cosine: float, coverage: float = 0.0, document_id: str = "document", *sentences: float) -> Hit:
    return Hit(passage(document_id=document_id), 0.0, cosine, coverage, [("Sentence.", value) for value in sentences])
