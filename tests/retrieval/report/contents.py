"""Small contents to compare, with vectors of words that are the same in both languages."""

from __future__ import annotations

import re

from retrieval.chunking import passages_of
from retrieval.documents import Document
from retrieval.passage_store import embedded_texts
from retrieval.report.content import Content
from retrieval.sentences import sentences_of
from tests.fakes import HashEncoder

ENGLISH = {
    "доставка": "delivery", "курьер": "courier", "привозит": "brings", "заказ": "order", "за": "in", "дня": "days",
    "дней": "days", "стоит": "costs", "почта": "post", "ждёт": "waits", "минут": "minutes", "возврат": "return",
    "товар": "item", "можно": "may", "вернуть": "back", "в": "within", "течение": "within", "коробка": "box",
    "гарантия": "warranty", "месяцев": "months", "телефон": "phone",
}  # fmt: skip


def document(identifier: str, language: str, title: str, *sections: str) -> Document:
    """An article; each section is a line ``heading: text``, or text alone."""
    parts = [re.sub(r"^(\w+): ", r"## \1\n\n", section) for section in sections]
    return Document(identifier, title, "\n\n".join([f"# {title}", *parts]), language)


def content(*documents: Document) -> Content:
    """Passages and sentences with bags of words for vectors, Russian words as their English ones."""
    passages = [passage for own in documents for passage in passages_of(own)]
    texts = [" ".join(ENGLISH.get(w, w) for w in re.findall(r"\w+", t.lower())) for t in embedded_texts(passages)]
    vectors = HashEncoder().encode_passages(texts)
    sentences = [sentences_of(passage.text) for passage in passages]
    return Content(passages, sentences, vectors[: len(passages)], vectors[len(passages) :])
