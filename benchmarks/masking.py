"""How much of what identifies a person is masked, and how often a shop's own numbers are taken for it.

    python -m benchmarks.masking [--count 2000] [--seed 1]

Identifiers come from Faker, in Russian and American form, some alone and some in a sentence.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable

from faker import Faker

from bot.privacy.masking import mask

LOCALES = ("ru_RU", "en_US")
SENTENCES = {
    "ru_RU": ("{}", "Мой {kind} {}, запишите, пожалуйста.", "{kind}: {}", "Перезвоните или напишите: {}, жду."),
    "en_US": ("{}", "My {kind} is {}, please note it.", "{kind}: {}", "Call or write back: {}, thanks."),
}
WORDS = {
    "ru_RU": {
        "phone": "телефон", "email": "адрес", "card": "номер карты", "iban": "IBAN", "inn": "ИНН", "snils": "СНИЛС",
        "passport": "паспорт",
    },
    "en_US": {
        "phone": "phone", "email": "e-mail", "card": "card", "iban": "IBAN", "ssn": "SSN", "passport": "passport",
    },
}  # fmt: skip
Text = tuple[str, str]  # a text and the identifier in it


def identifiers(locale: str, count: int, seed: int) -> dict[str, list[Text]]:
    """``count`` texts of every kind with the identifier that each holds."""
    fake, choose = Faker(locale), random.Random(seed)
    fake.seed_instance(seed)
    kinds: dict[str, Callable[[], str]] = {
        "phone": fake.phone_number, "email": fake.email, "card": fake.credit_card_number, "iban": fake.iban,
        "passport": fake.passport_number,
    }  # fmt: skip
    if locale == "ru_RU":
        kinds["inn"] = lambda: str(choose.choice((fake.individuals_inn, fake.businesses_inn))())
        kinds["snils"] = fake.snils
    else:
        kinds["ssn"] = fake.ssn
    return {kind: [_text(locale, kind, make(), choose) for _ in range(count)] for kind, make in kinds.items()}


def _text(locale: str, kind: str, value: str, choose: random.Random) -> Text:
    # Nine digits alone may be anything: a passport's number needs a word that says so.
    sentences = [s for s in SENTENCES[locale] if kind != "passport" or "{kind}" in s]
    return choose.choice(sentences).format(value, kind=WORDS[locale][kind]), value


def masked_wholly(text: str, value: str) -> bool:
    """Whether nothing of the identifier's digits or words is left."""
    masked = mask(text)
    rest = text.replace(value, "")
    return value not in masked and sum(map(str.isdigit, masked)) <= sum(map(str.isdigit, rest))


def shop_numbers(count: int, choose: random.Random) -> list[str]:
    """Texts with order numbers, prices, dates and codes, in which nothing identifies a person."""

    def price() -> str:
        amount = choose.choice((choose.randint(99, 9999), choose.randint(10_000, 2_500_000)))
        return choose.choice((f"{amount} ₽", f"{amount:,} ₽".replace(",", " "), f"{amount:,}.50 ₽", f"${amount:,}.99"))

    makers: tuple[Callable[[], str], ...] = (
        lambda: f"Где мой заказ NL-{choose.randint(100_000, 999_999)}?",
        lambda: f"заказ № {choose.randint(10**6, 10**10 - 1)}",
        lambda: f"Order #{choose.randint(10**5, 10**10 - 1)} has not come",
        lambda: f"NLD{choose.randint(10**9, 10**10 - 1)}",
        lambda: f"#W{choose.randint(10**6, 10**7 - 1)}",
        lambda: f"номер {choose.randint(10**5, 10**8 - 1)}",
        price,
        lambda: f"{price()} вместо {price()}",
        lambda: f"from {price()} to {price()}",
        lambda: f"{choose.randint(1, 28):02d}.{choose.randint(1, 12):02d}.2026 {choose.randint(9, 21)}:30",
    )
    return [choose.choice(makers)() for _ in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Recall of masking, and what it takes wrongly.")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    found = total = 0
    for locale in LOCALES:
        for kind, texts in identifiers(locale, wanted.count, wanted.seed).items():
            hits = sum(masked_wholly(text, value) for text, value in texts)
            found, total = found + hits, total + len(texts)
            print(f"{locale} {kind:9} recall {hits / len(texts):.4f} of {len(texts)}")
    numbers = shop_numbers(5 * wanted.count, random.Random(wanted.seed))
    started = time.perf_counter()
    wrong = [text for text in numbers if mask(text) != text]
    each = (time.perf_counter() - started) / len(numbers) * 1e6
    print(f"all recall {found / total:.4f} of {total}")
    print(f"order numbers and prices masked wrongly: {len(wrong) / len(numbers):.4f} of {len(numbers)}")
    print(f"{each:.0f} µs a text; wrongly masked, for instance: {wrong[:3]}")


if __name__ == "__main__":
    main()
