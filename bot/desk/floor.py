"""What people do with conversations: take them, answer, hand them back. Beneath it lie Rasa's tracker and the tables.

Every desk works through one :class:`Floor`, which the web channel makes for its server and leaves at the
application (:func:`floor_of`), so that other channels find it there.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any, Protocol

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, ConversationPaused, Event
from sanic import Sanic

from bot.beside import beside
from bot.channels.thread import AGENT, BY_DESK, JOINED, Link, Message, reply_of, thread_of
from bot.conversation import CHAT_KEY
from bot.customers.models import Customer, Ticket
from bot.customers.person import spoken_name
from bot.customers.store import CustomerStore
from bot.desk.desk import REACHABLE, Desk
from bot.desk.handovers import CLOSED, HANDED_BACK, REST, TAKEN, WEB, DeskRefused, Handovers, Seen
from bot.desk.letters import WAITING, Letters
from bot.desk.tracks import anew, read, turn, write
from bot.outbox.outbox import know
from bot.texts import Texts

logger = logging.getLogger(__name__)

LONGEST_REPLY, LONGEST_NOTE, LONGEST_RESOLUTION = 4000, 2000, 1000  # characters
FOLLOWED_SECONDS = 60  # how long a letter's way is watched for who wrote it


class Room(Protocol):
    """The web channel, as people at a desk need it."""

    async def tell(self, conversation: str, event: str, data: dict[str, Any]) -> None:
        """Send an event to every tab of a conversation."""
        ...

    def hush(self, conversation: str) -> None:
        """Nothing more of what the assistant is saying there."""
        ...

    def is_open(self, conversation: str) -> bool:
        """Whether the customer has it before them."""
        ...


class Watch(Protocol):
    """Who looks on and wants to hear of changes."""

    async def changed(self, seen: Seen) -> None:
        """A handover is new, or in another state."""
        ...

    async def said(self, seen: Seen, messages: Sequence[Message]) -> None:
        """Messages of an open handover that are new or have changed."""
        ...


class Floor:
    """What can be done with handed-over conversations; see the module.

    Args:
        store: the database.
        desk: where people answer.
        room: the web channel.
        texts: what is said in the assistant's own name.
        link: applied to articles' addresses.
    """

    def __init__(self, store: CustomerStore, desk: Desk, room: Room, texts: Texts, link: Link = str) -> None:
        self.store, self.desk, self._room, self._texts, self.link = store, desk, room, texts, link
        self.handovers, self.letters = Handovers(store), Letters(store)
        self.watch: Watch | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # -- what the assistant's process tells ------------------------------------------------------

    async def of(self, conversation: str) -> Seen | None:
        """The conversation's open handover."""
        return await beside(self.handovers.of, conversation)

    async def heard(self, agent: Any, message: UserMessage, before: Seen | None) -> None:
        """A message was handled, by the assistant or for a person; ``before``: the handover that was open then."""
        seen = await self.of(str(message.sender_id))
        if seen is None:
            return
        channel = REACHABLE.get(str(message.input_channel), seen.channel)
        address, text = (message.metadata or {}).get(CHAT_KEY), str(message.text or "")
        await beside(self.handovers.wrote, seen.id, channel, address, text)
        if before is not None:
            await beside(self.desk.customer_said, seen, str(message.message_id), text)
        seen = await beside(self.handovers.get, seen.id)
        thread = thread_of(await read(agent, seen.conversation), self.link)
        first = next((n for n, said in enumerate(thread) if said["id"] == message.message_id), 0)
        await self._tell_watch(seen, thread[first:])

    async def deliver(self, message: UserMessage) -> None:
        """By a channel that cannot be pushed to, the customer hears what was said while they were away."""
        if REACHABLE.get(str(message.input_channel)) != REST or message.output_channel is None:
            return
        while letters := await beside(self.letters.due, REST, str(message.sender_id)):
            for letter in letters:
                if await beside(self.letters.leave, letter.id):
                    await message.output_channel.send_response(letter.conversation, {"text": letter.text})
                    await beside(self.letters.arrived, letter.id)

    # -- what people do --------------------------------------------------------------------------

    async def take(self, agent: Any, handover_id: int, name: str, from_others: bool = False) -> Seen:
        """The conversation is this person's: the assistant is silent at once.

        Args:
            agent: Rasa's.
            handover_id: which.
            name: how the customer will see them.
            from_others: whether it may be taken from another person.

        Raises:
            DeskRefused: it is another's, or over.
        """
        before = await beside(self.handovers.get, handover_id)
        seen = await beside(self.handovers.take, handover_id, name, from_others)
        if (before.state, before.agent) == (seen.state, seen.agent):
            return seen
        self._room.hush(seen.conversation)
        await self._tell_watch(seen)
        # The tracker follows when a reply that is being written has ended; the table above is what silences it.
        told = await beside(self._text, seen, "utter_desk_joined", {"agent": name})
        self.begin(self._say(agent, seen, f"joined.{name}", told, {JOINED: name}, [ConversationPaused()]))
        return seen

    async def reply(self, agent: Any, handover_id: int, name: str, key: str, text: str) -> Message:
        """Say something to the customer in a person's name; said once, however often it is asked with this key.

        Raises:
            DeskRefused: it is not this person's conversation (``not_taken``), or gone.
        """
        seen = await self._own(handover_id, name)
        return await self._utter(agent, seen, f"{handover_id}.{key}", text, {AGENT: name})

    async def typing(self, handover_id: int, name: str) -> None:
        """The customer may see that somebody writes.

        Raises:
            DeskRefused: it is not this person's conversation.
        """
        seen = await self._own(handover_id, name)
        await self._room.tell(seen.conversation, "person_typing", {"agent": name})

    async def hand_back(self, agent: Any, handover_id: int, name: str) -> Seen:
        """The assistant goes on, with nothing underway.

        Raises:
            DeskRefused: it is not this person's conversation, or over.
        """
        seen = await self._own(handover_id, name)
        return await self._end(agent, seen, HANDED_BACK, "utter_desk_handed_back")

    async def close(self, agent: Any, handover_id: int, name: str, resolution: str = "") -> Seen:
        """It is settled; a resolution answers the ticket that belongs to it, and the customer hears it.

        Raises:
            DeskRefused: it is another person's conversation, or over.
        """
        seen = await beside(self.handovers.get, handover_id)
        if seen.state == TAKEN and seen.agent != name:
            raise DeskRefused("taken", f"{seen.agent} has the conversation.", seen.agent)
        answered = bool(resolution and seen.ticket)
        if answered:
            # Who has seen it here is not told again elsewhere.
            present = seen.channel != WEB or self._room.is_open(seen.conversation)
            await beside(self._resolve, seen, resolution, present)
            await self._utter(agent, seen, f"{seen.id}.resolution", resolution, {AGENT: name})
        text = "utter_desk_ended" if answered or seen.state == TAKEN else "utter_desk_untaken"
        return await self._end(agent, seen, CLOSED, text)

    async def thread(self, agent: Any, seen: Seen) -> list[Message]:
        """The conversation, with where the messages of people are on their way."""
        states = await beside(self.letters.states, seen.id)
        thread = thread_of(await read(agent, seen.conversation), self.link)
        return [{**said, "delivery": states.get(said["id"])} if said["from"] == "person" else said for said in thread]

    def begin(self, work: Any) -> None:
        """A task of its own."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("The desk could not finish something: %s", type(error).__name__)

    # -- beneath ---------------------------------------------------------------------------------

    async def _own(self, handover_id: int, name: str) -> Seen:
        seen = await beside(self.handovers.get, handover_id)
        if seen.state == CLOSED:
            raise DeskRefused("closed", "The conversation is over: the assistant answers in it.")
        if seen.state != TAKEN or seen.agent != name:
            raise DeskRefused("not_taken", "Take the conversation before you answer in it.", seen.agent)
        return seen

    async def _end(self, agent: Any, seen: Seen, how: str, text: str) -> Seen:
        was_taken = seen.state == TAKEN
        async with turn(agent, seen.conversation):
            seen = await beside(self.handovers.end, seen.id, how)
            if was_taken:
                await write(agent, seen.conversation, anew())
        await self._say(agent, seen, how, await beside(self._text, seen, text, {}), {})
        await beside(self.desk.ended, seen)
        await self._tell_watch(seen)
        return seen

    async def _say(
        self, agent: Any, seen: Seen, key: str, text: str, more: dict[str, str], events: Sequence[Event] = ()
    ) -> None:
        """Something in the assistant's own name, after other events."""
        await self._utter(agent, seen, f"{seen.id}.{key}.{time.time():.0f}", text, more, events)

    def _text(self, seen: Seen, name: str, values: dict[str, str]) -> str:
        with self.store.session() as session:
            customer = session.get(Customer, seen.customer_id) if seen.customer_id else None
            form = str(customer.address_form) if customer else "formal"
            called = spoken_name(customer) if customer else ""
        return self._texts.say(name, seen.language, form, called, **values).text

    async def _utter(
        self, agent: Any, seen: Seen, key: str, text: str, more: dict[str, str], events: Sequence[Event] = ()
    ) -> Message:
        """Keep it on its way to the customer, then in the tracker, then show it to who is there.

        ``more`` says whose words they are, or who answers from here on.
        """
        key = f"desk.{key}"
        said = BotUttered(text, metadata={BY_DESK: key, **more}, timestamp=time.time())
        message = {**reply_of({**said.metadata, "text": text}, "", 0, said.timestamp), "delivery": None}
        async with turn(agent, seen.conversation):
            if any((event.get("metadata") or {}).get(BY_DESK) == key for event in await read(agent, seen.conversation)):
                return message
            if seen.channel != WEB:
                words = f"{more[AGENT]}: {text}" if AGENT in more else text
                await beside(self.letters.put, seen.id, key, seen.channel, words)
                message["delivery"] = WAITING
            await write(agent, seen.conversation, [*events, said])
        await self._room.tell(seen.conversation, "bot_uttered", message)
        await self._tell_watch(seen, [message], changed=False)
        if seen.channel not in (WEB, REST):
            self.begin(self._follow(seen, message))
        return message

    async def _follow(self, seen: Seen, message: Message) -> None:
        """Tell who looks on how the letter fares; whichever process takes it along."""
        for _ in range(FOLLOWED_SECONDS):
            await asyncio.sleep(1)
            state = (await beside(self.letters.states, seen.id)).get(message["id"])
            if state != WAITING:
                await self._tell_watch(seen, [{**message, "delivery": state}], changed=False)
                return

    def _resolve(self, seen: Seen, resolution: str, present: bool) -> None:
        with self.store.session() as session:
            ticket = session.get(Ticket, seen.ticket)
            if ticket is None:
                return
            if present and seen.customer_id:
                know(session, seen.customer_id, f"ticket:{seen.ticket}", self.handovers.now())
            ticket.resolution, ticket.closed_at = resolution, self.handovers.now()
            session.commit()

    async def _tell_watch(self, seen: Seen, messages: Sequence[Message] = (), changed: bool = True) -> None:
        if self.watch is None:
            return
        if messages:
            await self.watch.said(seen, messages)
        if changed:
            await self.watch.changed(seen)


def floor_of(app: Sanic) -> Floor | None:
    """The floor of a server; None where it has no desk."""
    floor: Floor | None = getattr(app.ctx, "desk_floor", None)
    return floor
