"""Forget what I told you: deletes it, with the vectors made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import SIGN_IN, Context, signed_in
from bot.customers.remembered import meant
from bot.settings import load_settings
from nlu.encoder import Encoder
from retrieval.profile_memory import ProfileMemory


class ActionForgetFact(Action):
    """Deletes the fact that is meant, or all; asks with buttons where it may be one of several."""

    def name(self) -> str:
        return "action_forget_fact"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
            else:
                self._forget(dispatcher, context)
        return []

    def _forget(self, dispatcher: CollectingDispatcher, context: Context) -> None:
        known = list(context.customer.remembered)
        facts = meant(known, context.conversation.text)
        if not known:
            dispatcher.utter_message(response="utter_nothing_remembered")
        elif not facts:
            buttons = [{"title": str(fact.text), "payload": _request(str(fact.text), context)} for fact in known]
            dispatcher.utter_message(response="utter_forget_which", buttons=buttons)
        else:
            for fact in facts:
                context.session.delete(fact)
            forget_vectors(str(context.customer.customer_id))
            dispatcher.utter_message(response="utter_forgotten", facts="; ".join(f"«{fact.text}»" for fact in facts))


def forget_vectors(customer_id: str) -> None:
    """Delete the customer's vectors; those of what is still true are made anew at the next question."""
    settings = load_settings()
    ProfileMemory(Encoder(settings.encoder), Path(settings.profiles)).forget(customer_id)


def _request(text: str, context: Context) -> str:
    return f"Забудь: {text}" if context.language == "ru" else f"Forget this: {text}"
