"""Why did you say that? Names the articles and facts that the last answer rests on."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.conversation import from_sdk


class ActionWhyAnswer(Action):
    """Reads the trace of the last answer."""

    def name(self) -> str:
        return "action_why_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        trace = last_trace(tracker.events)
        articles = [_article(cited) for cited in trace.get("citations", [])]
        facts = [fact["text"] for fact in trace.get("facts", [])]
        if not articles and not facts:
            dispatcher.utter_message(response="utter_no_reasons")
            return []
        russian = from_sdk(tracker).language() == "ru"
        reasons = [f"• {'статья' if russian else 'article'} — {article}" for article in articles]
        reasons += [f"• {'из профиля' if russian else 'of your profile'} — {fact}" for fact in facts]
        dispatcher.utter_message(response="utter_reasons", reasons="\n".join(reasons))
        return []


def last_trace(events: list[dict[str, Any]]) -> dict[str, Any]:
    """What the latest answer rests on: its citations and facts; empty where there was none."""
    for event in reversed(events):
        metadata = (event.get("metadata") or {}) if event.get("event") == "bot" else {}
        if metadata.get("trace"):
            return dict(metadata["trace"])
        if metadata.get("used_facts"):
            return {"facts": metadata["used_facts"]}
    return {}


def _article(cited: dict[str, Any]) -> str:
    return f"{cited['title']}: {cited['url']}" if cited.get("url") else str(cited["title"])
