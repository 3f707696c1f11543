from __future__ import annotations

import asyncio
import datetime as dt
import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.exc import OperationalError

from bot.actions.without_profile import PROFILE_OFF
from bot.answer import Answer
from bot.answering import Answerer
from bot.conversation import REST_CHANNEL
from bot.customers.models import Customer, Erasure, Order
from bot.customers.store import CustomerStore
from bot.desk.handovers import Handovers, Request, open_handover
from bot.generation.decoder import Decoder
from bot.generation.replying import Replier
from bot.generation.writers import CausalWriter, ServerWriter
from bot.grounds import build_answerer, build_finder, build_replier
from bot.nlg import ANSWER, GroundedResponseGenerator
from bot.settings import Settings
from bot.streaming import streaming
from nlu.encoder import Encoder
from nlu.errors import ModelMissing
from retrieval.documents import Document
from retrieval.fact_finder import FactFinder
from retrieval.fact_kinds import FactKinds
from retrieval.knowledge_base import KnowledgeBase
from retrieval.profile_memory import ProfileMemory
from retrieval.things import Things
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import write_shop
from tests.bot.decoding import FakeDecoder, WordJudge
from tests.fakes import HashEncoder
from tests.retrieval.questions import write_questions

COURIER = Document(
    "courier", "Courier delivery", "Delivery by courier costs 299 ₽.", "en", url="https://help.example/courier"
)
QUESTION = "How much does courier delivery cost?"
REPLY = "Courier delivery costs 299 ₽."
Make = Callable[..., GroundedResponseGenerator]


class BrokenAnswerer(Answerer):
    def answer(self, *_: Any, **__: Any) -> Answer:
        raise ModelMissing("The model models/decoder is missing.")


@pytest.fixture(scope="module")
def domain() -> Domain:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Rasa's reminder that slots no longer fill themselves
        return Domain.load("domain.yml")


@pytest.fixture
def shop(tmp_path: Path) -> CustomerStore:
    return imported(tmp_path, write_shop(tmp_path / "shop"))


@pytest.fixture
def make(tmp_path: Path, domain: Domain, shop: CustomerStore, fake_encoder: HashEncoder) -> Make:
    """A generator that answers from one article about couriers."""

    def generator(
        customers: str = shop.url, answerer: type[Answerer] = Answerer, threshold: float = 0.0, ask_from: float = 1.0
    ) -> GroundedResponseGenerator:
        knowledge = KnowledgeBase(tmp_path / "knowledge", fake_encoder)
        knowledge.update([COURIER])
        questions = write_questions(tmp_path / "questions")
        finder = FactFinder(ProfileMemory(fake_encoder), FactKinds(fake_encoder, questions), Things())
        replier = Replier(FakeDecoder(REPLY), WordJudge())
        ready = answerer(knowledge, finder, replier, threshold, ask_from=ask_from)
        return GroundedResponseGenerator(
            EndpointConfig(customers=customers, knowledge=str(tmp_path / "knowledge")), domain, ready
        )

    return generator


def tracker(text: str, customer: str | None = "C2", intent: str = "ask_delivery") -> DialogueStateTracker:
    said = DialogueStateTracker("someone", [])
    metadata = {"customer_id": customer} if customer else {}
    said.update(UserUttered(text, {"name": intent}, input_channel=REST_CHANNEL, metadata=metadata))
    return said


async def reply(
    generator: GroundedResponseGenerator, utter: str, text: str, customer: str | None = "C2", **values: Any
) -> dict[str, Any]:
    intent = values.pop("intent", "ask_delivery")
    told = await generator.generate(utter, tracker(text, customer, intent), "rest", **values)
    assert told is not None
    return told


@pytest.mark.parametrize(
    ("form", "text", "start"),
    [
        ("formal", "Здравствуйте!", "Ирина, здравствуйте!"),
        ("informal", "Привет!", "Ирина, привет!"),
        ("formal", "Hello there!", "Ирина, hello!"),
    ],
)
async def test_a_fixed_text_is_in_the_customers_form_and_the_messages_language(
    make: Make, shop: CustomerStore, form: str, text: str, start: str
) -> None:
    with shop.session() as session:
        session.get(Customer, "C1").address_form = form
        session.commit()
    assert (await reply(make(), "utter_greet", text, "C1"))["text"].startswith(start)


async def test_a_button_is_answered_in_the_customers_own_language(make: Make) -> None:
    assert (await reply(make(), "utter_thank", "/thank", "C1"))["text"].startswith("Ирина, рад")
    assert (await reply(make(), "utter_thank", "/thank", "C2"))["text"].startswith("Ms Harper, you're welcome")


@pytest.mark.parametrize(("text", "start"), [("Привет!", "Здравствуйте!"), ("Hello!", "Hello!")])
async def test_an_anonymous_visitor_is_greeted_without_a_name(make: Make, text: str, start: str) -> None:
    assert (await reply(make(), "utter_greet", text, None))["text"].startswith(start)


async def test_an_actions_values_are_filled_in(make: Make) -> None:
    told = await reply(make(), "utter_order_not_found", "Where is NL-7?", order_id="NL-7")
    assert told["text"].startswith("Ms Harper, there is no order NL-7 among yours.")


@pytest.mark.parametrize(
    ("utter", "said"), [("utter_shop_trouble", "isn't answering right now"), (ANSWER, "out of order on our side")]
)
async def test_without_the_customers_database_the_truth_is_told_and_nothing_personal_logged(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, utter: str, said: str
) -> None:
    generator = make()

    def away() -> None:
        raise OperationalError("SELECT 'Harper'", {}, Exception("database is locked"))

    monkeypatch.setattr(generator.grounds.store, "session", away)
    told = await reply(generator, utter, "Where is my parcel, please?")
    assert said in told["text"] and "Harper" not in told["text"]
    assert "OperationalError" in caplog.text and "Harper" not in caplog.text


async def test_a_grounded_reply_carries_text_source_and_trace(make: Make) -> None:
    told = await reply(make(), ANSWER, QUESTION)
    text, *sources = filter(None, told["text"].split("\n"))
    assert text == "Courier delivery costs 299 ₽ [1]."
    assert sources == ["[1] Courier delivery: https://help.example/courier"]
    assert told["trace"]["grounded"] is True
    assert [citation["url"] for citation in told["trace"]["citations"]] == [COURIER.url]
    assert not told.get("buttons")


@pytest.mark.parametrize("utter", [ANSWER, "utter_greet"])
async def test_nothing_is_said_in_a_conversation_that_a_person_has_taken(
    make: Make, shop: CustomerStore, utter: str
) -> None:
    request = Request("someone", "C2", "web", None, "en", "The customer wrote", QUESTION)
    with shop.session() as session:
        row = open_handover(session, request, dt.datetime.now())
        assert row is not None
        session.commit()
        number = int(row.id)
    assert await make().generate(utter, tracker(QUESTION), "rest") is not None  # it only waits
    Handovers(shop).take(number, "Anna")
    assert await make().generate(utter, tracker(QUESTION), "rest") is None
    Handovers(shop).end(number, "handed_back")
    assert await make().generate(utter, tracker(QUESTION), "rest") is not None


async def test_a_person_is_suggested_the_answer_and_its_source(make: Make) -> None:
    (first, *_) = await make().suggestions(tracker(QUESTION))
    assert (first["text"], first["url"]) == (f"{REPLY}", COURIER.url)
    assert await make().suggestions(tracker("/human_handoff")) == []


async def test_a_follow_up_reaches_the_answerer_with_the_question_before_it(make: Make) -> None:
    said = tracker(QUESTION)
    said.update(UserUttered("And to Omsk?", {"name": "ask_delivery"}, input_channel=REST_CHANNEL))
    asked: list[Sequence[str]] = []

    class Listening(Answerer):
        def answer(self, question: str, language: str, *rest: Any, **_: Any) -> Answer:
            asked.append([*rest[1], question])
            return Answer(abstained=True)

    await make(answerer=Listening).generate(ANSWER, said, "rest")
    assert asked == [[QUESTION, "And to Omsk?"]]


@pytest.mark.parametrize(("intent", "said"), [("ask_delivery", "rather not guess"), ("out_of_scope", "only know")])
async def test_abstaining_says_so_and_offers_a_person(make: Make, intent: str, said: str) -> None:
    told = await reply(make(threshold=1.1), ANSWER, QUESTION, intent=intent)
    assert said in told["text"]
    assert [button["payload"] for button in told["buttons"]] == ["/human_handoff"]
    assert (told["trace"]["abstained"], told["trace"]["grounded"]) == (True, False)


async def test_unsure_it_asks_once_what_is_meant_with_buttons_that_ask_again(make: Make) -> None:
    generator = make(threshold=1.1, ask_from=0.0)
    said = tracker(QUESTION)
    told = await generator.generate(ANSWER, said, "rest")
    assert told is not None and told["text"] == "Ms Harper, which of these do you mean?"
    assert told["buttons"] == [
        {"title": "Courier delivery", "payload": "How much does courier delivery cost: Courier delivery?"},
        {"title": "Something else, get a person", "payload": "/human_handoff"},
    ]
    said.update(BotUttered(told["text"], metadata={"trace": told["trace"]}))
    said.update(UserUttered(told["buttons"][0]["payload"], {"name": "ask_delivery"}, input_channel=REST_CHANNEL))
    again = await generator.generate(ANSWER, said, "rest")
    assert again is not None and "299" in again["text"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "came empty"),
        (" \n", "came empty"),
        ("🙂🙂", "no words"),
        ("?!…", "no words"),
        ("a" * 10_000, "too long"),
    ],
    ids=lambda value: value[:12],
)
async def test_what_is_no_question_gets_one_clear_answer(make: Make, text: str, said: str) -> None:
    told = await reply(make(), ANSWER, text)
    assert said in told["text"]
    assert "trace" not in told
    assert "{" not in told["text"]


@pytest.mark.parametrize("utter", [ANSWER, "utter_greet"])
async def test_an_unknown_customer_hears_of_trouble_and_may_have_a_person(make: Make, utter: str) -> None:
    told = await reply(make(), utter, "Где мой заказ?", "C9")
    assert "неполадки" in told["text"]
    assert [button["payload"] for button in told["buttons"]] == ["/human_handoff"]


@pytest.mark.parametrize("utter", [ANSWER, "utter_greet"])
async def test_without_a_database_customers_hear_of_trouble(make: Make, tmp_path: Path, utter: str) -> None:
    told = await reply(make(customers=f"sqlite:///{tmp_path}/none.db"), utter, QUESTION)
    assert "out of order" in told["text"]


async def test_without_a_database_anonymous_visitors_are_answered(make: Make, tmp_path: Path) -> None:
    assert "299" in (await reply(make(customers=f"sqlite:///{tmp_path}/none.db"), ANSWER, QUESTION, None))["text"]


async def test_a_missing_model_is_trouble_not_silence(make: Make) -> None:
    assert "out of order" in (await reply(make(answerer=BrokenAnswerer), ANSWER, QUESTION, None))["text"]


async def test_each_verified_sentence_is_heard_before_the_reply_is_given(make: Make) -> None:
    heard: list[str] = []
    with streaming.listening("someone", heard.append):
        told = await reply(make(), ANSWER, QUESTION)
    assert heard == [REPLY]
    assert told["trace"]["grounded"]


async def test_a_reply_stopped_before_its_first_sentence_says_so(make: Make) -> None:
    heard: list[str] = []
    with streaming.listening("someone", heard.append):
        streaming.stop("someone")
        told = await reply(make(), ANSWER, QUESTION)
    assert told["text"] == "All right, I've stopped. Ask me another way if you like."
    assert heard == []


async def test_a_reply_stopped_on_its_way_is_what_was_shown(make: Make) -> None:
    heard: list[str] = []

    class TwoSentences(Answerer):
        def answer(self, question: str, language: str, *rest: Any, **_: Any) -> Answer:
            say = rest[-1]
            say("Courier delivery costs 299 ₽.")
            streaming.stop("someone")
            say("The courier comes from 9:00 to 21:00.")
            return Answer(text="Both.")

    with streaming.listening("someone", heard.append):
        told = await reply(make(answerer=TwoSentences), ANSWER, QUESTION)
    assert told["text"] == "Courier delivery costs 299 ₽."
    assert heard == ["Courier delivery costs 299 ₽."]


async def test_without_the_profile_neither_name_nor_facts_take_part(make: Make) -> None:
    asked: list[Any] = []

    class Listening(Answerer):
        def answer(self, question: str, language: str, person: Any = None, *_: Any, **__: Any) -> Answer:
            asked.append(person)
            return Answer(abstained=True)

    for without in (False, True):
        said = DialogueStateTracker("someone", [])
        metadata = {"customer_id": "C1", "without_profile": without}
        said.update(UserUttered("Где заказ?", {"name": "ask_question"}, input_channel=REST_CHANNEL, metadata=metadata))
        told = await make(answerer=Listening).generate(ANSWER, said, "rest")
        assert told is not None and told["text"].startswith("Ирина") is not without
    known, unknown = asked
    assert known.facts and known.name == "Ирина"
    assert (list(unknown.facts), unknown.name, unknown.language) == ([], "", "ru")


async def test_an_article_indexed_meanwhile_is_found(make: Make, tmp_path: Path, fake_encoder: HashEncoder) -> None:
    generator = make()
    await reply(generator, ANSWER, QUESTION)
    lockers = Document("lockers", "Lockers", "A locker keeps a parcel for 3 days.", "en")
    KnowledgeBase(tmp_path / "knowledge", fake_encoder).update([lockers])
    assert "lockers" in str((await reply(generator, ANSWER, "locker keeps a parcel for days"))["trace"]["passages"][0])


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_encoder: HashEncoder) -> Settings:
    def fake(name: str) -> Encoder:
        return fake_encoder

    monkeypatch.setattr("bot.grounds.shared_encoder", fake)
    return Settings(knowledge=str(tmp_path / "k"), profiles=str(tmp_path / "p"), decoder="models/none")


def test_the_settings_build_an_answerer(settings: Settings, tmp_path: Path) -> None:
    built = build_answerer(
        replace(settings, generation="embedded", answer_threshold=0.7, ask_threshold=0.6, support_threshold=0.9)
    )
    assert (built.knowledge.folder, built.threshold, built.ask_from) == (tmp_path / "k", 0.7, 0.6)
    assert built.selector and built.replier.verifier
    assert built.replier.verifier.threshold == 0.9
    assert len({*map(id, (built.selector.decoder, built.replier.verifier.judge, built.replier.writer))}) == 1


def test_without_a_decoder_search_alone_decides_whether_to_answer(settings: Settings) -> None:
    built = build_answerer(replace(settings, decoder="", answer_threshold=0.4))
    assert (built.threshold, built.selector, built.replier.writer) == (0.4, None, None)


@pytest.mark.parametrize(
    ("generation", "kind"),
    [("embedded", Decoder), ("quote", type(None)), ("http://127.0.0.1:9/v1", ServerWriter), ("my/model", CausalWriter)],
)
def test_who_writes_is_one_setting(settings: Settings, generation: str, kind: type) -> None:
    replier = build_replier(replace(settings, generation=generation, generation_model="big"), Decoder())
    assert isinstance(replier.writer, kind)


async def test_which_order_is_meant_is_asked_with_buttons(make: Make, shop: CustomerStore) -> None:
    with shop.session() as session:
        session.get(Order, "NL-3").status = "in_transit"
        session.commit()
    told = await reply(make(), ANSWER, "when does my order arrive")
    assert told["text"] == "Ms Harper, which of these is it about?"
    assert [button["title"] for button in told["buttons"]] == ["NL-2: Aurora earbuds", "NL-3: Aurora earbuds"]
    assert told["buttons"][0]["payload"] == "when does my order arrive: Aurora earbuds, NL-2?"
    chosen = await reply(make(), ANSWER, told["buttons"][0]["payload"])
    assert "NL-2" in chosen["text"] and "NL-3" not in chosen["text"]


@pytest.mark.parametrize("said", [True, False])
async def test_without_the_profile_no_fact_is_used(make: Make, domain: Domain, said: bool) -> None:
    question = "when does my order arrive"
    assert (await reply(make(), ANSWER, question))["trace"]["facts"]
    asked = DialogueStateTracker("someone", domain.slots)
    asked.update(tracker(question).events[-1])
    if said:
        asked.update(SlotSet(PROFILE_OFF, True))
    else:
        asked.latest_message.parse_data["metadata"] = {"customer_id": "C2", "without_profile": True}
    told = await make().generate(ANSWER, asked, "rest")
    assert told is not None and told["trace"]["facts"] == [] and "NL-2" not in told["text"]


def test_the_settings_say_where_facts_and_questions_are(tmp_path: Path) -> None:
    finder = build_finder(Settings(profiles=str(tmp_path)))
    assert finder.memory.folder == tmp_path
    assert finder.things.names_any("где мой чайник")


async def test_an_erasure_by_another_process_empties_what_is_remembered(
    make: Make, shop: CustomerStore, fake_encoder: HashEncoder
) -> None:
    generator = make()
    await generator.generate(ANSWER, tracker(QUESTION), REST_CHANNEL)
    fake_encoder.remember_query(QUESTION, fake_encoder.encode_query(QUESTION))
    await generator.generate(ANSWER, tracker(QUESTION), REST_CHANNEL)
    other = CustomerStore(shop.url)
    with other.session() as session:
        session.add(Erasure(customer_digest=other.keyring.digest("C1"), erased_at=dt.datetime(2026, 11, 25)))
        session.commit()
    encoded = len(fake_encoder.encoded)
    await generator.generate(ANSWER, tracker(QUESTION), REST_CHANNEL)
    assert QUESTION in fake_encoder.encoded[encoded:]


async def test_while_others_wait_nothing_is_read_closely(make: Make) -> None:
    seen: list[bool] = []
    go_on = threading.Event()

    class Recording(Answerer):
        def answer(self, *_: Any, hurried: bool = False, **__: Any) -> Answer:
            go_on.wait(20)
            seen.append(hurried)
            return Answer(abstained=True)

    generator = make(answerer=Recording)
    asking = [asyncio.create_task(reply(generator, ANSWER, QUESTION)) for _ in range(3)]
    while len(generator._waiting) < 2:  # the first is being answered
        await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*asking)
    assert seen == [False, True, False]


async def test_a_question_given_up_while_it_waits_hurries_nobody(make: Make) -> None:
    seen: list[bool] = []
    begun, go_on = threading.Event(), threading.Event()

    class Recording(Answerer):
        def answer(self, *_: Any, hurried: bool = False, **__: Any) -> Answer:
            seen.append(hurried)
            begun.set()
            go_on.wait(20)
            return Answer(abstained=True)

    generator = make(answerer=Recording)
    first = asyncio.create_task(reply(generator, ANSWER, QUESTION))
    while not begun.is_set():
        await asyncio.sleep(0)
    second = asyncio.create_task(reply(generator, ANSWER, QUESTION))
    while not generator._waiting:
        await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    go_on.set()
    await first
    await reply(generator, ANSWER, QUESTION)
    assert seen == [False, False]
