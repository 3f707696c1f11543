"""The few requests that are asked of Chatwoot's application API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from bot.desk.chatwoot.settings import TOKEN, ChatwootSettings
from nlu.errors import LichnoError

SECONDS = 10.0  # to wait for an answer
INCOMING, OUTGOING = "incoming", "outgoing"
KNOWN = "lichno_key"  # in a conversation's and a message's attributes: what we call it


class ChatwootAway(LichnoError):
    """Chatwoot did not take a request; it may be asked again."""


class ChatwootRefused(LichnoError):
    """Chatwoot will not take a request, however often it is asked."""


@dataclass(frozen=True)
class Contact:
    """A contact with its key in the inbox."""

    id: int
    source: str


class ChatwootApi:
    """Chatwoot's side of the conversations.

    Args:
        settings: where it is.
        client: made here unless given.
    """

    def __init__(self, settings: ChatwootSettings, client: httpx.AsyncClient | None = None) -> None:
        self._settings = settings
        self._client = client or httpx.AsyncClient(timeout=SECONDS)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def contact(self, identifier: str, name: str) -> Contact:
        """The contact that we know by an identifier, made where there is none.

        Raises:
            ChatwootAway, ChatwootRefused: there was no answer, or no good one.
        """
        inbox = self._settings.inbox
        for found in (await self._ask("GET", "contacts/search", params={"q": identifier})).get("payload") or []:
            if found.get("identifier") == identifier:
                for place in found.get("contact_inboxes") or []:
                    if (place.get("inbox") or {}).get("id") == inbox:
                        return Contact(int(found["id"]), str(place["source_id"]))
                place = await self._ask("POST", f"contacts/{found['id']}/contact_inboxes", json={"inbox_id": inbox})
                return Contact(int(found["id"]), str(place["source_id"]))
        asked = {"inbox_id": inbox, "name": name, "identifier": identifier}
        made = (await self._ask("POST", "contacts", json=asked))["payload"]
        return Contact(int(made["contact"]["id"]), str(made["contact_inbox"]["source_id"]))

    async def opened(self, contact: Contact, handover_id: int) -> str | None:
        """The number of the conversation that was opened for a handover, if there is one.

        Raises:
            ChatwootAway, ChatwootRefused: there was no answer, or no good one.
        """
        for found in (await self._ask("GET", f"contacts/{contact.id}/conversations")).get("payload") or []:
            if (found.get("custom_attributes") or {}).get(KNOWN) == handover_id:
                return str(found["id"])
        return None

    async def open(self, contact: Contact, handover_id: int) -> str:
        """A new conversation for a handover; its number.

        Raises:
            ChatwootAway, ChatwootRefused: there was no answer, or no good one.
        """
        asked = {
            "source_id": contact.source,
            "inbox_id": self._settings.inbox,
            "contact_id": contact.id,
            "status": "open",
            "custom_attributes": {KNOWN: handover_id},
        }
        return str((await self._ask("POST", "conversations", json=asked))["id"])

    async def say(self, conversation: str, text: str, key: str, private: bool = False) -> None:
        """Add a message of the customer's, or a private one for agents.

        Args:
            conversation: its number.
            text: what is said.
            key: what we call the message.
            private: whether it is for agents only.

        Raises:
            ChatwootAway, ChatwootRefused: there was no answer, or no good one.
        """
        kind = OUTGOING if private else INCOMING
        asked = {"content": text, "message_type": kind, "private": private, "content_attributes": {KNOWN: key}}
        await self._ask("POST", f"conversations/{conversation}/messages", json=asked)

    async def has(self, conversation: str, key: str) -> bool:
        """Whether one of the latest messages is what we call so.

        Raises:
            ChatwootAway, ChatwootRefused: there was no answer, or no good one.
        """
        messages = (await self._ask("GET", f"conversations/{conversation}/messages")).get("payload") or []
        return any((message.get("content_attributes") or {}).get(KNOWN) == key for message in messages)

    async def resolve(self, conversation: str) -> None:
        """It is over.

        Raises:
            ChatwootAway, ChatwootRefused: there was no answer, or no good one.
        """
        await self._ask("POST", f"conversations/{conversation}/toggle_status", json={"status": "resolved"})

    async def _ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        address = f"{self._settings.url}/api/v1/accounts/{self._settings.account}/{path}"
        try:
            answer = await self._client.request(
                method, address, headers={"api_access_token": self._settings.token}, **content
            )
            if answer.status_code in (401, 403):
                raise ChatwootRefused(f"Chatwoot does not accept {TOKEN}: copy it from the agent's profile again.")
            if answer.status_code == 429 or answer.status_code >= 500:
                raise ChatwootAway(f"Chatwoot answered {answer.status_code}; it is asked again.")
            if answer.status_code >= 400:
                raise ChatwootRefused(f"Chatwoot refused a request to {path.split('/')[0]} with {answer.status_code}.")
            told = answer.json() if answer.content else {}
        except httpx.HTTPError as error:
            raise ChatwootAway(f"Chatwoot cannot be reached ({type(error).__name__}); it is asked again.") from error
        except ValueError as error:
            raise ChatwootAway("Chatwoot answered something that is not JSON; it is asked again.") from error
        return told if isinstance(told, dict) else {}
