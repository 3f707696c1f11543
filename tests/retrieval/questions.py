"""A few questions that facts answer, in both languages, for tests that need no weights."""

from __future__ import annotations

from pathlib import Path

EN = """\
order:
  - when will my {} arrive
  - where is my {} now
  - when does my order arrive
return:
  - by when can I return my {}
  - can I still return my order
warranty:
  - until when is my {} under warranty
  - is my {} still under warranty
points:
  - how many points do I have
  - my points balance
told:
  - what did I tell you
  - what am I allergic to
how_to:
  - how do I clean my {}
  - how to descale my {}
general:
  - how much does courier delivery cost
  - which payment methods are there
  - can goods be returned without a receipt
"""
RU = """\
order:
  - когда приедет мой {}
  - где мой {}
return:
  - до какого числа можно вернуть мой {}
  - могу ли я ещё вернуть заказ
warranty:
  - до какого числа гарантия на мой {}
  - гарантия на {} ещё действует
points:
  - сколько у меня баллов
told:
  - что я рассказывал
how_to:
  - как почистить мой {}
general:
  - сколько стоит доставка курьером
  - какие есть способы оплаты
"""


def write_questions(folder: Path) -> Path:
    """The folder with both files in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "en.yml").write_text(EN, encoding="utf-8")
    (folder / "ru.yml").write_text(RU, encoding="utf-8")
    return folder
