"""Two dozen labelled texts, enough to train on in seconds."""

from __future__ import annotations

EXAMPLES = {
    "greet": "привет|здравствуйте|добрый день|hello|hi there|good morning|hey|доброе утро",
    "order_status": "где мой заказ|когда привезут посылку|статус заказа|where is my order|track my parcel"
    "|when will it arrive|has my order shipped|заказ уже в пути?",
    "goodbye": "пока|до свидания|всего доброго|bye|see you later|goodbye|до встречи|have a nice day",
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts.split("|")]
INTENTS = [intent for intent, texts in EXAMPLES.items() for _ in texts.split("|")]
