"""What became of my requests: open tickets, and the request that the shop's system could not take, tried again."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.audit import keep, oldest_kept
from bot.actions.context import SIGN_IN, Context, signed_in
from bot.actions.form import KEPT, TRANSACTIONS, BackgroundAction, Events, begin
from bot.customers.models import Ticket

SHOWN = 5


class ActionMyRequests(BackgroundAction):
    """Lists open tickets; then asks whether to do the oldest kept request now."""

    def name(self) -> str:
        return "action_my_requests"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        with signed_in(tracker) as context:
            if context is None:
                dispatcher.utter_message(response=SIGN_IN)
                return []
            keep(context, tracker.get_slot(KEPT) or [])
            context.session.flush()
            kept, tickets = oldest_kept(context), _open_tickets(context)
            if tickets:
                dispatcher.utter_message(response="utter_requests", requests="\n".join(tickets))
            elif kept is None:
                dispatcher.utter_message(response="utter_no_requests")
            if kept is None:
                return [SlotSet(KEPT, None)]
            dispatcher.utter_message(response="utter_kept_again")
            return [SlotSet(KEPT, None), *begin(dispatcher, tracker, context, TRANSACTIONS[kept[0]], kept[1])]


def _open_tickets(context: Context) -> list[str]:
    """The newest open tickets, a line each."""
    opened: list[Ticket] = [ticket for ticket in context.customer.tickets if ticket.closed_at is None]
    return [
        f"• {ticket.ticket_id} {context.say('от', 'of')} {context.day(ticket.opened_at.date())}: {ticket.subject}"
        for ticket in opened[:SHOWN]
    ]
