"""The agent desk and the widget, each in a browser of its own, against one real server with a scripted assistant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from bot.channels.identity import KEY_VARIABLE
from bot.desk.agents import AGENT, LEAD
from bot.desk.desk import LEAD_PASSWORD, PASSWORD
from bot.desk.signing_in import COOKIE, cookie_for
from tests.bot.channels.conftest import KEY
from tests.e2e.browsing import LOCALES, PHONE, STANDARDS, Enter, Seat, Shop, TakeSeat, Visit

expect.set_options(timeout=20_000)
SECRETS = {PASSWORD: "of the agents", LEAD_PASSWORD: "of the leads"}
ANSWER = "The courier comes from 9:00 to 21:00."
FITTING = "Before paying you may look at the goods and try them on for 15 minutes."
WIDE = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def shop(folder: Path, browser: Browser) -> Iterator[Shop]:
    shop = Shop(folder, SECRETS)
    shop.start(hangs=True)
    yield shop
    shop.kill()


@pytest.fixture
def sit(shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[TakeSeat]:
    """Agents at their desks, each in a browser of their own. Signing in has a limit, so they bring the cookie along."""
    for variable, secret in {KEY_VARIABLE: KEY, **SECRETS}.items():
        monkeypatch.setenv(variable, secret)
    seats: list[Seat] = []

    def sitting(name: str | None = "Anna", role: str = AGENT, language: str = "en", **options: Any) -> Seat:
        context = browser.new_context(locale=LOCALES[language], **{"viewport": WIDE, **options})
        if name:
            context.add_cookies([{"name": COOKIE, "value": cookie_for(name, role), "url": shop.url}])
        seats.append(Seat(shop, context, language))
        seats[-1].page.goto(f"{shop.url}/desk")
        return seats[-1]

    yield sitting
    for seat in seats:
        assert seat.errors == []
        seat.context.close()


def asking(enter: Enter, customer: str) -> Visit:
    """A customer whom the assistant has passed on to a person."""
    visit = enter().sign_in(customer).open_chat()
    visit.button("Talk to a person").click()
    expect(visit.bubbles("I've called a person.")).to_be_visible()
    return visit


# -- from the assistant to a person and back -----------------------------------------------------


def test_a_conversation_goes_to_a_person_and_back(enter: Enter, sit: TakeSeat) -> None:
    seat = sit("Anna")
    visit = asking(enter, "C003")
    expect(seat.group("Waiting").filter(has_text="Emma Clarke")).to_contain_text("Where is my order?")
    seat.open("Emma Clarke")
    expect(seat.page.get_by_text("The courier did not come")).to_be_visible()
    expect(seat.page.get_by_text("NL-106851 (on its way)")).to_be_visible()
    expect(seat.page.get_by_text("Identity proven")).to_be_visible()
    seat.button("Take over").click()
    expect(seat.group("Mine").filter(has_text="Emma Clarke")).to_be_visible()
    expect(visit.bubbles("Anna answers from here on.")).to_be_visible()
    expect(visit.panel.locator(".head")).to_contain_text("Anna answers")
    expect(visit.button("Talk to a person")).to_have_count(0)

    visit.say("How much is a courier?")
    expect(seat.bubbles("How much is a courier?")).to_be_visible()
    seat.say("For you it is free, Emma.")
    expect(visit.bubbles("For you it is free, Emma.")).to_be_visible()
    expect(visit.panel.locator(".who")).to_have_text("Anna, support")
    assert ANSWER not in visit.answered().thread()  # whom the assistant would have answered so
    asked = visit.thread().index("How much is a courier?")
    assert visit.thread()[asked:] == ["How much is a courier?", "For you it is free, Emma."]

    visit.page.reload()
    expect(visit.open_chat().bubbles("For you it is free, Emma.")).to_be_visible()
    expect(visit.panel.locator(".who")).to_have_text("Anna, support")

    seat.button("Hand back").click()
    expect(seat.entry("Emma Clarke")).to_have_count(0)
    expect(visit.bubbles("it is me again, the assistant")).to_be_visible()
    visit.say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    expect(visit.panel.locator(".head")).to_contain_text("A program answers")
    expect(visit.button("Talk to a person")).to_be_visible()


def test_a_conversation_goes_to_a_person_and_back_in_russian(enter: Enter, sit: TakeSeat) -> None:
    seat, visit = sit("Анна", language="ru"), enter("ru").sign_in("C001").open_chat()
    visit.button("Позвать человека").click()
    seat.entry("Ирина Соколова").click()
    seat.button("Взять разговор").click()
    expect(visit.bubbles("Теперь отвечает Анна.")).to_be_visible()
    visit.say("Где мой заказ?")
    expect(seat.bubbles("Где мой заказ?").last).to_be_visible()
    seat.page.get_by_label("Ответ клиенту").fill("Вижу ваш заказ, минуту.")
    seat.page.keyboard.press("Enter")
    expect(visit.bubbles("Вижу ваш заказ, минуту.")).to_be_visible()
    expect(visit.panel.locator(".who")).to_have_text("Анна, поддержка")
    assert visit.answered().thread()[-2:] == ["Где мой заказ?", "Вижу ваш заказ, минуту."]
    seat.button("Вернуть помощнику").click()
    expect(visit.bubbles("снова отвечаю я, помощник")).to_be_visible()
    visit.say("Где мой заказ?")
    expect(visit.bubbles("заказ NL-106851 в пути")).to_be_visible()


def test_an_agent_reads_the_summary_in_their_own_language(enter: Enter, sit: TakeSeat) -> None:
    asking(enter, "C053")
    seat = sit("Анна", language="ru")
    seat.entry("Samuel Ortiz").click()
    expect(seat.page.get_by_text("NL-106851 (в пути)")).to_be_visible()


def test_a_wish_closed_by_nobody_who_came_is_told(enter: Enter, sit: TakeSeat) -> None:
    visit, seat = asking(enter, "C057"), sit("Anna")
    seat.open("Megan Rowley").button("Close…").click()
    seat.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(visit.bubbles("closed the request without joining this chat")).to_be_visible()
    expect(visit.panel.locator(".head")).to_contain_text("A program answers")
    visit.say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()


def test_what_is_being_written_is_seen_at_the_other_end(enter: Enter, sit: TakeSeat) -> None:
    visit, seat = asking(enter, "C008"), sit("Anna").take("Olivia Harper")
    seat.page.keyboard.type("Dear Ms Harper")
    expect(visit.page.get_by_label("A person is writing")).to_be_visible()


def test_taking_over_stops_the_reply_that_is_being_written(enter: Enter, sit: TakeSeat) -> None:
    visit = asking(enter, "C011").say("something slow")
    expect(visit.bubbles("This takes a while.")).to_be_visible()
    seat = sit("Anna").take("Daniel Okafor")
    seat.say("I am here now.")
    expect(visit.bubbles("I am here now.")).to_be_visible()
    assert visit.answered().thread()[-1] == "I am here now."
    expect(visit.bubbles("Now it is done.")).to_have_count(0)


def test_a_visitor_is_no_proven_customer(enter: Enter, sit: TakeSeat) -> None:
    visit, seat = enter().go().open_chat(), sit("Anna")
    visit.button("Talk to a person").click()
    seat.take("Visitor")
    expect(seat.page.get_by_text("Identity not proven")).to_be_visible()
    seat.say("Hello! What is it about?")
    expect(visit.bubbles("What is it about?")).to_be_visible()
    seat.button("Close…").click()
    seat.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(seat.entry("Visitor")).to_have_count(0)
    expect(visit.bubbles("The conversation with our colleague is over.")).to_be_visible()


# -- agents among themselves ---------------------------------------------------------------------


def test_what_one_agent_has_another_does_not_see_and_a_lead_may_take(enter: Enter, sit: TakeSeat) -> None:
    visit, anna, boris, lena = asking(enter, "C005"), sit("Anna"), sit("Boris"), sit("Lena", LEAD)
    expect(boris.entry("James Whitfield")).to_be_visible()
    anna.take("James Whitfield")
    expect(boris.entry("James Whitfield")).to_have_count(0)
    expect(lena.group("With colleagues").filter(has_text="James Whitfield")).to_contain_text("Anna")
    lena.open("James Whitfield").button("Take over from Anna").click()
    expect(anna.page.get_by_text("Lena is answering")).to_be_visible()
    expect(anna.field).to_have_count(0)
    lena.say("I am in charge here.")
    expect(visit.bubbles("I am in charge here.")).to_be_visible()
    expect(visit.panel.locator(".who")).to_have_text("Lena, support")


def test_notes_are_the_colleagues_and_never_the_customers(enter: Enter, sit: TakeSeat) -> None:
    visit, anna, lena = asking(enter, "C014"), sit("Anna"), sit("Lena", LEAD)
    lena.open("Priya Nair")
    anna.take("Priya Nair")
    anna.page.get_by_label("New note").fill("Prefers the evening")
    anna.button("Save").click()
    expect(lena.page.get_by_text("Prefers the evening")).to_be_visible()
    expect(anna.page.get_by_label("New note")).to_have_value("")
    anna.say("In the evening then?")
    expect(visit.bubbles("In the evening then?")).to_be_visible()
    assert "Prefers" not in visit.panel.inner_text()


def test_who_is_away_is_seen_to_be(sit: TakeSeat) -> None:
    anna, boris = sit("Anna"), sit("Boris")
    on_duty = boris.page.locator(".colleagues li", has_text="Anna")
    expect(on_duty).to_contain_text("conversations:")
    away = anna.page.get_by_role("switch", name="Away")
    away.click()
    expect(away).to_be_checked()
    expect(on_duty).to_contain_text("away")
    away.click()
    expect(on_duty).not_to_contain_text("away")


def test_a_lead_reads_what_is_closed_and_what_did_not_help(enter: Enter, sit: TakeSeat) -> None:
    visit, lena = asking(enter, "C017"), sit("Lena", LEAD)
    visit.say("Where is my order?")
    expect(visit.bubbles("C017, order NL-106851")).to_be_visible()
    visit.button("Not helpful").last.click()
    visit.page.get_by_label("What was wrong?").fill("I know that already")
    visit.button("Send feedback").click()
    lena.take("Thomas Bennett").button("Hand back").click()
    lena.page.get_by_role("link", name="Closed").click()
    lena.open("Thomas Bennett")
    expect(lena.page.get_by_text("Handed back to the assistant")).to_be_visible()
    expect(lena.field).to_have_count(0)
    lena.page.get_by_role("link", name="Feedback").click()
    expect(lena.page.get_by_text("I know that already")).to_be_visible()
    expect(lena.page.get_by_text("C017, order NL-106851 is on its way.")).to_be_visible()


def test_agents_do_not_see_the_leads_pages(sit: TakeSeat) -> None:
    seat = sit("Anna")
    expect(seat.page.get_by_role("heading", name="Waiting")).to_be_visible()
    expect(seat.page.get_by_role("link", name="Feedback")).to_have_count(0)


# -- replies -------------------------------------------------------------------------------------


def test_a_suggested_reply_is_one_tap_away_and_may_be_edited(enter: Enter, sit: TakeSeat) -> None:
    visit, seat = asking(enter, "C020"), sit("Anna").take("Sophie Lindqvist")
    seat.button(FITTING).click()
    expect(seat.field).to_have_value(FITTING)
    expect(seat.field).to_be_focused()
    expect(visit.bubbles(FITTING)).to_have_count(0)
    seat.field.fill("You may try them on.")
    seat.field.press("Enter")
    expect(visit.bubbles("You may try them on.")).to_be_visible()


def test_a_draft_is_kept_for_each_conversation_also_after_a_reload(enter: Enter, sit: TakeSeat) -> None:
    visits = [asking(enter, "C023"), asking(enter, "C026")]
    seat = sit("Anna").take("Marcus Reid")
    seat.field.fill("Dear Marcus")
    seat.take("Chloe Dawson")
    seat.field.fill("Dear Chloe")
    seat.field.press("Shift+Enter")
    seat.open("Marcus Reid")
    expect(seat.field).to_have_value("Dear Marcus")
    seat.page.reload()
    expect(seat.field).to_have_value("Dear Marcus")
    seat.open("Chloe Dawson")
    expect(seat.field).to_have_value("Dear Chloe\n")
    assert all("Dear" not in visit.panel.inner_text() for visit in visits)


def test_a_server_killed_and_started_again_loses_and_doubles_nothing(shop: Shop, enter: Enter, sit: TakeSeat) -> None:
    visit, seat = asking(enter, "C029"), sit("Anna").take("Liam Brennan")
    seat.say("Before.")
    expect(visit.bubbles("Before.")).to_be_visible()
    shop.kill()
    expect(seat.page.get_by_text("No connection.")).to_be_visible()
    seat.say("In between.")
    visit.say("Are you there?")
    shop.start()
    expect(seat.bubbles("Are you there?")).to_be_visible()
    expect(visit.bubbles("In between.")).to_be_visible()
    for shown in (seat, visit):
        expect(shown.bubbles("In between.")).to_have_count(1)
        expect(shown.bubbles("Are you there?")).to_have_count(1)
    seat.page.reload()
    expect(seat.bubbles("In between.")).to_have_count(1)
    for window in (seat, visit):
        window.errors.clear()  # the browser tells of the connections that failed meanwhile


def test_an_agent_who_looks_elsewhere_sees_the_number_in_the_title(enter: Enter, sit: TakeSeat) -> None:
    seat = sit("Anna")
    seat.page.get_by_role("heading", name="Waiting").wait_for()
    before = seat.group("Waiting").count()
    visit = asking(enter, "C032")
    expect(seat.page).to_have_title(f"({before + 1}) Support desk")
    expect(seat.page.locator("[role=status]", has_text="A new conversation is waiting: Hannah Weiss")).to_have_count(1)
    seat.take("Hannah Weiss")
    seat.page.goto(f"{seat.shop.url}/desk#/")
    visit.say("One more thing")
    expect(seat.entry("Hannah Weiss").get_by_label("new message")).to_be_visible()


# -- signing in ----------------------------------------------------------------------------------


def test_signing_in_and_out(sit: TakeSeat) -> None:
    seat = sit(None).sit_down("Olga", "a guess")
    expect(seat.page.get_by_role("alert")).to_have_text("That password is not right.")
    expect(seat.page.get_by_label("Password")).to_be_focused()
    seat.page.get_by_label("Password").fill(SECRETS[PASSWORD])
    seat.page.keyboard.press("Enter")
    expect(seat.page.get_by_text("Olga (you)")).to_be_visible()
    seat.page.reload()
    expect(seat.page.get_by_text("Olga (you)")).to_be_visible()
    seat.button("Sign out").click()
    expect(seat.button("Sign in")).to_be_visible()
    seat.page.reload()
    expect(seat.button("Sign in")).to_be_visible()
    seat.errors.clear()  # the browser tells of the refused attempt


# -- for everybody -------------------------------------------------------------------------------


def test_the_keyboard_alone_is_enough(enter: Enter, sit: TakeSeat) -> None:
    visit, seat = asking(enter, "C035"), sit("Anna")
    keyboard = seat.page.keyboard
    seat.entry("Oliver Pemberton").focus()
    keyboard.press("Enter")
    expect(seat.page.get_by_role("heading", name="Oliver Pemberton")).to_be_focused()
    keyboard.press("Tab")
    expect(seat.button("Take over")).to_be_focused()
    keyboard.press("Enter")
    expect(seat.field).to_be_focused()
    keyboard.type("Hello Mr Pemberton")
    keyboard.press("Enter")
    expect(visit.bubbles("Hello Mr Pemberton")).to_be_visible()
    seat.button("Close…").focus()
    keyboard.press("Enter")
    expect(seat.page.get_by_role("dialog")).to_be_visible()
    keyboard.press("Escape")
    expect(seat.page.get_by_role("dialog")).to_have_count(0)
    expect(seat.button("Close…")).to_be_focused()


def test_on_a_phone_list_and_conversation_are_two_pages(enter: Enter, sit: TakeSeat) -> None:
    visit = asking(enter, "C038")
    seat = sit("Anna", viewport=PHONE)
    seat.take("Grace Adeyemi").say("Hello Grace, " + "this is a long one, " * 12)
    expect(visit.bubbles("Hello Grace")).to_be_visible()
    expect(seat.entry("Grace Adeyemi")).to_be_hidden()
    cut = "[...document.querySelectorAll('body *')].some(e => e.getBoundingClientRect().right > innerWidth + 1)"
    assert not seat.page.evaluate(cut)
    seat.button("Customer and notes").click()
    expect(seat.page.get_by_text("Identity proven")).to_be_visible()
    expect(seat.field).to_be_hidden()
    assert not seat.page.evaluate(cut)
    seat.page.get_by_role("link", name="Back to the list").click()
    expect(seat.entry("Grace Adeyemi")).to_be_visible()
    expect(seat.page.get_by_role("heading", name="Grace Adeyemi")).to_have_count(0)


def test_the_desk_speaks_the_browsers_language(sit: TakeSeat) -> None:
    for language, title in {"ru": "Ждут ответа", "en": "Waiting"}.items():
        seat = sit("Anna", language=language)
        expect(seat.page.get_by_role("heading", name=title)).to_be_visible()
        assert seat.page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize(
    ("scheme", "viewport", "customer", "name"),
    [
        ("light", WIDE, "C041", "Ethan Caldwell"),
        ("dark", WIDE, "C044", "Isabel Moreau"),
        ("light", PHONE, "C047", "Noah Fitzgerald"),
        ("dark", PHONE, "C050", "Amelia Thornton"),
    ],
)
def test_axe_finds_no_violation(
    enter: Enter, sit: TakeSeat, scheme: str, viewport: dict[str, int], customer: str, name: str
) -> None:
    asking(enter, customer).say("How much is a courier?")
    look = {"color_scheme": scheme, "viewport": viewport, "reduced_motion": "reduce"}
    seat = sit("Lena", LEAD, **look)
    expect(seat.entry(name)).to_be_visible()
    free_of_violations(seat)
    seat.take(name).say("On its way.")
    expect(seat.bubbles("On its way.")).to_be_visible()
    free_of_violations(seat)
    seat.button("Close…").click()
    free_of_violations(seat)
    signing_in = sit(None, **look)
    expect(signing_in.page.get_by_role("heading", level=1)).to_be_visible()
    free_of_violations(signing_in)


def free_of_violations(seat: Seat) -> None:
    found = Axe().run(seat.page, options={"runOnly": STANDARDS})
    assert found.violations_count == 0, found.generate_report()
