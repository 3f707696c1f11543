"""What do you know about me? Tells it, most of all what the customer told."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.context import Context, signed_in
from bot.customers.facts import facts_of
from bot.generation.prompt import INFORMAL

TOLD = ("told", "city", "level", "points", "open_orders", "ticket", "added_to_cart", "added_to_wishlist")
MOST = 12


class ActionWhatYouKnow(Action):
    """Lists what the customer told, account, open orders, requests and basket."""

    def name(self) -> str:
        return "action_what_you_know"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response="utter_know_nothing")
            else:
                self._tell(dispatcher, context)
        return []

    def _tell(self, dispatcher: CollectingDispatcher, context: Context) -> None:
        customer, language = context.customer, context.language
        informal = customer.address_form == INFORMAL
        known = [fact for kind in TOLD for fact in facts_of(customer, context.today) if fact.kind == kind][:MOST]
        dispatcher.utter_message(
            response="utter_what_i_know",
            facts="\n".join(f"• {fact.said(language, informal)}" for fact in known),
            orders=str(len(customer.orders)),
            used_facts=[{"kind": fact.kind, "text": fact.text(language)} for fact in known],
        )
