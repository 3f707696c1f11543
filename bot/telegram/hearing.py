"""Voice messages: what is heard is repeated and answered in writing, and to customers by voice as well."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy.orm import Session
from telegram import Audio, Voice
from telegram.constants import ChatAction

from bot.customers.models import Preference
from bot.customers.person import preference
from bot.customers.store import CustomerStore, get_customer
from bot.telegram.errors import FileTooLarge
from bot.telegram.speech import aloud
from bot.telegram.talk import Said, Talk, without_words
from bot.telegram.voice import LONGEST_SECONDS

logger = logging.getLogger(__name__)

VOICE_REPLIES, ON, OFF = "voice_replies", "on", "off"  # a key of the customer's preferences, and its values


async def take(talk: Talk, sound: Voice | Audio) -> None:
    """Answer a recording; where nobody hears it, or it is too long, ask for it in writing."""
    transcriber = talk.services.transcriber
    if transcriber is None:
        await talk.say("utter_telegram_no_voice")
        return
    if _seconds(sound.duration) > LONGEST_SECONDS:
        await talk.say("utter_telegram_too_long_voice")
        return
    try:
        recording = await talk.services.api.download(sound.file_id, sound.file_size)
    except FileTooLarge:
        await talk.say("utter_telegram_too_long_voice")
        return
    words = await transcriber.transcribe(recording, talk.who.language)
    if not words:
        await talk.say("utter_telegram_not_heard")
        return
    await talk.say("utter_telegram_heard", words=words)
    await _speak(talk, await talk.ask(words.lstrip("/")))


async def _speak(talk: Talk, said: Sequence[Said]) -> None:
    """Say the replies aloud, which are written already, to a customer who did not decline; a failure is only logged."""
    services, customer_id = talk.services, talk.who.customer_id
    words = aloud("\n".join(one.text for one in said))
    if not (services.speaker and customer_id and words):
        return
    if not await services.run(wants_voice, services.store, customer_id):
        return
    try:
        async with talk.showing(ChatAction.RECORD_VOICE):
            sound = await services.speaker.speak(words)
    except Exception as error:
        logger.error("A reply could not be spoken: %s", without_words(error))
        return
    if sound:
        buttons = [[button] for button in talk.text("utter_telegram_voice_on").buttons]
        keys = await services.run(services.buttons.keep, talk.place.chat_id, buttons)
        await services.api.send_voice(talk.place.chat_id, sound, keys)


def wants_voice(store: CustomerStore, customer_id: str) -> bool:
    """Whether the customer is answered by voice too; so until they decline."""
    with store.session() as session:
        return preference(get_customer(session, customer_id), VOICE_REPLIES, ON) == ON


def set_voice(store: CustomerStore, customer_id: str, wanted: bool) -> None:
    """Answer the customer by voice too, or in writing only."""
    with Session(store.engine, future=True) as session:
        value = ON if wanted else OFF
        session.merge(Preference(customer_id=customer_id, key=VOICE_REPLIES, value=value))
        session.commit()


def _seconds(duration: object) -> float:
    return duration if isinstance(duration, (int, float)) else getattr(duration, "total_seconds", lambda: 0.0)()
