"""A conversation as the widget shows it, made from Rasa's events. Plain values throughout, for JSON.

A message is ``{"id", "to", "from", "text", "time", …}``: ``from`` is ``customer``, ``assistant`` or ``person``, who is
named by ``agent``; ``joined`` names the person who answers from there on; ``to`` is the id of the customer's message
that is answered. Ids of replies are made from that id, so a reply has the same one live and in the history; what the
desk says (:mod:`bot.desk`) brings its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

Event = dict[str, Any]
Message = dict[str, Any]
Link = Callable[[str], str]  # makes an article's address one that the customer's browser can open

TITLE = "title"  # in a message's metadata: what is shown in place of the text, e.g. of a button that was pressed
BY_DESK, AGENT = "desk", "agent"  # there too: the id of what is said unasked, and the name of the person who says it
JOINED = "joined"  # there too: the name of the person who answers from here on
FILE = "file"  # there too: the file that the message is, {"id", "name", "media_type", "size", "ticket"}
MESSAGE_ID = re.compile(r"[\w-]{8,64}")  # as widgets make them
SOURCES = "\n\n[1] "  # where the list of sources begins in a reply's text
EXCERPT_WORDS = 5
SHOWN = 200  # messages of a history


def thread_of(events: Iterable[Event], link: Link = str) -> list[Message]:
    """The latest messages in order.

    Messages that an action uttered in the customer's place, as it does for several requests in one, are not shown:
    only those that came in have an id.
    """
    messages: list[Message] = []
    to, count = "", 0
    for event in events:
        if event.get("event") == "user" and event.get("message_id"):
            to, count = event["message_id"], 0
            if not _is_hidden(event):
                messages.append(_asked(event))
        elif event.get("event") == "bot":
            said = {**(event.get("data") or {}), **(event.get("metadata") or {}), "text": event.get("text")}
            count += not said.get(BY_DESK)
            messages.append(reply_of(said, to, count, event.get("timestamp") or 0.0, link))
    return messages[-SHOWN:]


def is_known(events: Iterable[Event], message_id: str) -> bool:
    """Whether a customer's message with this id has come in."""
    return any(event.get("event") == "user" and event.get("message_id") == message_id for event in events)


def reply_of(said: dict[str, Any], to: str, number: int, time: float, link: Link = str) -> Message:
    """The assistant's ``number``-th message in reply to another, or what the desk says of its own accord.

    Args:
        said: text, buttons and metadata as Rasa sends them.
        to: id of the customer's message, empty if the assistant spoke first.
        number: counted from 1.
        time: seconds since the epoch.
        link: applied to articles' addresses.
    """
    trace = said.get("trace") or {}
    citations = trace.get("citations") or []
    passages = {passage["id"]: passage["text"] for passage in trace.get("passages") or []}
    text = str(said.get("text") or "")
    who = {key: said[key] for key in (AGENT, JOINED) if said.get(key)}
    return {
        "id": said.get(BY_DESK) or (f"{to}.{number}" if to else f"{time}.{number}"),
        "to": "" if said.get(BY_DESK) else to,
        "from": "person" if AGENT in who else "assistant",
        **who,
        "text": text.partition(SOURCES)[0] if citations else text,
        "time": time,
        "buttons": [{"title": button["title"], "payload": button["payload"]} for button in said.get("buttons") or []],
        "citations": [_citation(citation, passages.get(citation["id"], ""), link) for citation in citations],
        "facts": [fact["text"] for fact in trace.get("facts") or said.get("used_facts") or []],
        "quoted": bool(trace.get("quoted")),
    }


def _asked(event: Event) -> Message:
    metadata = event.get("metadata") or {}
    return {
        "id": event["message_id"],
        "from": "customer",
        "text": str(metadata.get(TITLE) or event.get("text") or ""),
        "time": event.get("timestamp") or 0.0,
        "file": metadata.get(FILE),
    }


def _is_hidden(event: Event) -> bool:
    """Rasa begins a session with a message of its own."""
    return str(event.get("text") or "") == "/session_start"


def _citation(citation: dict[str, Any], passage: str, link: Link) -> dict[str, Any]:
    """The source with the address of its very passage: an anchor, and for any other site the passage's first words."""
    url = link(str(citation.get("url") or ""))
    position = str(citation["id"]).rpartition("#")[2]
    words = _first_words(passage)
    fragment = quote(words, safe="").replace("-", "%2D")  # a hyphen has a meaning of its own there
    anchor = f"#passage-{position}" + (f":~:text={fragment}" if words else "")
    return {
        "number": citation["number"],
        "title": citation["title"],
        "url": url + anchor if url and "#" not in url else url,
        "text": passage,
    }


def _first_words(passage: str) -> str:
    """Words that stand next to each other on the page as well: none where the passage begins with a list or table."""
    line = passage.partition("\n")[0]
    if re.search(r"[|*_`\[\]<>#]|^\W|^\d+\.", line):
        return ""
    return " ".join(line.split()[:EXCERPT_WORDS])
