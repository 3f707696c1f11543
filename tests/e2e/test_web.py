"""The widget and the demo shop in a real browser, against a real server with a scripted assistant."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Route, expect

from bot.channels.identity import KEY_VARIABLE, issue_token
from bot.conversation import WEB_CHANNEL
from bot.customers.models import Attachment, Consent, Feedback, NoticeConsent
from bot.customers.store import CustomerStore
from bot.outbox.outbox import NOTICES
from tests.bot.channels.conftest import KEY
from tests.bot.customers.photos import photo
from tests.e2e.browsing import OPENERS, PHONE, STANDARDS, Enter, Shop, Visit

expect.set_options(timeout=20_000)
ANSWER = "The courier comes from 9:00 to 21:00."
CUT_OFF = "panel => [...panel.querySelectorAll('*')].some(e => e.getBoundingClientRect().right > innerWidth + 1)"


@pytest.fixture(scope="module")
def shop(folder: Path, browser: Browser) -> Iterator[Shop]:
    shop = Shop(folder)
    shop.start(hangs=True)
    yield shop
    shop.kill()


# -- asking ------------------------------------------------------------------------------------


def test_a_visitor_asks_and_opens_the_article_at_the_passage_cited(enter: Enter) -> None:
    visit = enter().go().open_chat().say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    visit.page.get_by_role("link", name="Courier delivery. Price", exact=True).click()
    visit.page.wait_for_url("**/en/help/delivery-courier#passage-1*")
    expect(visit.page.locator("#passage-1")).to_be_in_viewport()
    expect(visit.page.locator("#passage-1 h2")).to_have_text("Prices and times")


def test_a_signed_in_customer_asks_for_their_order(enter: Enter) -> None:
    visit = enter().go("/account")
    visit.page.get_by_role("button", name="Emma Clarke").click()
    expect(visit.page.get_by_role("heading", name="Hello, Emma")).to_be_visible()
    visit.open_chat().say("Where is my order?")
    expect(visit.bubbles("C003, order NL-106851 is on its way.")).to_be_visible()


def test_a_visitor_is_told_to_sign_in_and_sees_nothing_personal(enter: Enter) -> None:
    visit = enter().go().open_chat().say("Where is my order?")
    expect(visit.bubbles("Please sign in to see your orders.")).to_be_visible()
    assert "NL-" not in visit.panel.inner_text()


def test_quick_replies_are_offered_until_one_is_pressed(enter: Enter) -> None:
    visit = enter().sign_in("C003").open_chat().say("cancel my order")
    visit.button("Yes, cancel it").click()
    expect(visit.bubbles("The order is cancelled.")).to_be_visible()
    expect(visit.button("No, keep it")).to_have_count(0)
    assert visit.thread()[-2:] == ["Yes, cancel it", "The order is cancelled."]


def test_a_person_is_one_tap_away(enter: Enter) -> None:
    visit = enter().go().open_chat()
    visit.button("Talk to a person").click()
    expect(visit.bubbles("People answer 8:00–22:00 Moscow time.")).to_be_visible()


def test_why_this_answer_shows_articles_and_facts_and_answers_without_them(enter: Enter) -> None:
    visit = enter("ru").sign_in("C001").open_chat().say("Сколько стоит доставка курьером?")
    expect(visit.bubbles("за час он позвонит")).to_be_visible()
    visit.button("Почему такой ответ").click()
    why = visit.page.locator("lichno-chat .why")
    expect(why).to_contain_text("Доставка курьером. Стоимость")
    expect(why).to_contain_text("наушники Aurora Studio")
    visit.button("Ответить без моего профиля").click()
    expect(visit.bubbles("за час он позвонит")).to_have_count(2)
    expect(visit.button("Почему такой ответ")).to_have_count(2)
    visit.button("Почему такой ответ").last.click()
    expect(why).to_have_count(2)
    expect(why.last).not_to_contain_text("наушники")


def test_a_reply_is_copied(enter: Enter) -> None:
    visit = enter(permissions=["clipboard-read", "clipboard-write"]).go().open_chat().say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    visit.button("Copy").click()
    expect(visit.button("Copied")).to_be_visible()
    assert ANSWER in visit.page.evaluate("navigator.clipboard.readText()")


def attach(visit: Visit, name: str, content: bytes) -> None:
    """As the browser's own choice of files does it."""
    visit.page.locator("lichno-chat input[type=file]").set_input_files(
        FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
    )


def test_a_photo_is_attached_with_words_and_is_there_after_a_reload(enter: Enter, folder: Path) -> None:
    visit = enter().sign_in("C029").open_chat()
    attach(visit, "crack.png", photo("PNG"))
    expect(visit.panel.locator(".staged")).to_contain_text("crack.png")
    visit.say("cancel my order")
    expect(visit.bubbles("the file is added to request")).to_be_visible()
    thread = visit.answered().thread()
    assert [thread[0], thread[2].split("\n")[0]] == ["cancel my order", "crack.png"]
    visit.page.reload()
    expect(visit.open_chat().button("Save the file crack.png")).to_be_visible()
    assert visit.thread() == thread
    with visit.page.expect_download() as download:
        visit.button("Save the file crack.png").click()
    assert download.value.suggested_filename == "crack.png"
    assert Path(download.value.path()).read_bytes()[:4] == b"\x89PNG"
    with CustomerStore(f"sqlite:///{folder}/customers.db").session() as session:
        assert [row[0] for row in session.query(Attachment.name).filter_by(customer_id="C029")] == ["crack.png"]


def test_files_are_pasted_and_dropped_and_taken_back(enter: Enter) -> None:
    visit = enter().sign_in("C032").open_chat()
    held = "new File(['%PDF-1.7'], 'receipt.pdf', {type: 'application/pdf'})"
    for target, event in (("textarea", "paste"), (".panel", "drop")):
        visit.page.locator(f"lichno-chat {target}").evaluate(
            "(target, event) => { const data = new DataTransfer(); data.items.add("
            + held
            + "); const made = event === 'paste' ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true})"
            " : new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});"
            " target.dispatchEvent(made); }",
            event,
        )
    expect(visit.panel.locator(".staged .file")).to_have_count(2)
    visit.button("Remove the file receipt.pdf").first.click()
    expect(visit.panel.locator(".staged .file")).to_have_count(1)
    visit.button("Send").click()
    expect(visit.bubbles("the file is added to request")).to_be_visible()
    expect(visit.panel.locator(".staged")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.exe", b"MZ", "This kind of file cannot be sent."),
        ("a.pdf", b"%PDF-" + bytes(10 * 1024 * 1024), "larger than 10 MB"),
    ],
    ids=["kind", "size"],
)
def test_a_file_that_will_not_do_is_told_before_it_is_sent(enter: Enter, name: str, content: bytes, told: str) -> None:
    visit = enter().sign_in("C032").open_chat()
    attach(visit, name, content)
    expect(visit.panel.locator(".notice")).to_contain_text(told)
    expect(visit.panel.locator(".staged")).to_have_count(0)


def test_a_file_that_is_not_what_its_name_says_is_refused_and_can_be_taken_away(enter: Enter) -> None:
    visit = enter().sign_in("C032").open_chat()
    attach(visit, "photo.jpg", b"MZ not a photo")
    visit.button("Send").click()
    expect(visit.panel.locator(".bad")).to_contain_text("This kind of file cannot be sent.")
    visit.button("Remove").click()
    expect(visit.bubbles("photo.jpg")).to_have_count(0)
    visit.errors.clear()  # the browser tells of the refusal


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_visitor_who_would_attach_is_told_to_sign_in(enter: Enter, language: str) -> None:
    visit = enter(language).go().open_chat()
    expect(visit.bubbles({"ru": "после входа", "en": "sign in first"}[language])).to_be_visible()
    visit.panel.locator(".attach").click()
    words = {"ru": "войдите в аккаунт", "en": "Sign in to attach"}[language]
    expect(visit.panel.locator(".notice")).to_contain_text(words)


def test_the_conversation_is_mailed_to_the_customers_own_address(enter: Enter, folder: Path) -> None:
    visit = enter().sign_in("C003").open_chat().say("Where is my order?")
    expect(visit.bubbles("is on its way").last).to_be_visible()
    visit.button("More about this conversation").click()
    visit.button("E-mail me this conversation").click()
    expect(visit.panel.locator(".notice")).to_contain_text("The conversation is on its way to e•••@mail.example.")
    (letter,) = (folder / "var" / "codes").iterdir()
    assert b"multipart/alternative" in letter.read_bytes()


def test_yes_and_no_to_notices_are_said_in_the_menu_and_recorded(enter: Enter, folder: Path) -> None:
    visit = enter().sign_in("C005").open_chat()
    visit.button("More about this conversation").click()
    visit.button("Notices", exact=True).click()
    expect(visit.bubbles("Shall I send news of your orders")).to_be_visible()
    visit.button("Yes, please").click()
    expect(visit.bubbles("All right, I'll send news")).to_be_visible()
    visit.answered().button("More about this conversation").click()
    visit.button("Notices", exact=True).click()
    visit.button("Stop notices").click()
    expect(visit.bubbles("I won't write first here")).to_be_visible()
    with CustomerStore(f"sqlite:///{folder}/customers.db").session() as session:
        rows = session.query(Consent).filter_by(customer_id="C005", purpose=NOTICES).order_by(Consent.id)
        assert [(row.given, row.channel) for row in rows] == [(True, WEB_CHANNEL), (False, WEB_CHANNEL)]
        assert session.query(NoticeConsent).filter_by(customer_id="C005").all() == []


def test_a_visitor_may_save_the_conversation_but_not_mail_it(enter: Enter) -> None:
    visit = enter().go().open_chat().say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    expect(visit.button("Stop the reply")).to_have_count(0)  # what is still being said is not saved
    visit.button("More about this conversation").click()
    expect(visit.button("E-mail me this conversation")).to_have_count(0)
    with visit.page.expect_download() as download:
        visit.button("Save the conversation").click()
    assert ANSWER in Path(download.value.path()).read_text()


def test_stopping_keeps_what_was_shown_and_ends_the_reply(enter: Enter) -> None:
    visit = enter().go().open_chat().say("something slow")
    expect(visit.bubbles("This takes a while.")).to_be_visible()
    visit.button("Stop the reply").click()
    assert visit.answered().thread() == ["something slow", "This takes a while."]


# -- nothing lost, nothing doubled ---------------------------------------------------------------


def test_the_thread_is_there_after_a_reload_and_on_another_device(enter: Enter) -> None:
    visit = enter().sign_in("C005").open_chat().say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    thread = visit.answered().thread()
    visit.page.reload()
    expect(visit.open_chat().bubbles(ANSWER)).to_be_visible()
    assert visit.thread() == thread
    device = enter().sign_in("C005").open_chat()
    expect(device.bubbles(ANSWER)).to_be_visible()
    assert device.thread() == thread


def test_a_visitors_thread_survives_a_reload(enter: Enter) -> None:
    visit = enter().go().open_chat().say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    visit.go("/help").open_chat()
    expect(visit.bubbles(ANSWER)).to_be_visible()


def test_the_open_chat_stays_open_on_the_next_page_without_taking_the_focus(enter: Enter) -> None:
    visit = enter().go().open_chat()
    visit.go("/help")
    expect(visit.panel).to_be_visible()
    expect(visit.field).not_to_be_focused()
    visit.button("Minimise the chat").click()
    visit.go("/account")
    expect(visit.launcher).to_be_visible()


def test_on_a_phone_a_source_is_shown_instead_of_the_chat(enter: Enter) -> None:
    visit = enter(viewport=PHONE).go("/help/delivery-courier").open_chat().say("How much is a courier?")
    visit.page.get_by_role("link", name="Courier delivery. Price", exact=True).click()
    expect(visit.panel).to_have_count(0)
    expect(visit.page.locator("#passage-1")).to_be_in_viewport()


def test_what_is_read_in_one_tab_is_read_in_all(enter: Enter) -> None:
    visit = enter().sign_in("C035").open_chat().say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    visit.answered().button("Minimise the chat").click()
    other = visit.new_page()
    other.goto(visit.page.url)
    device = enter().sign_in("C035").open_chat().say("Where is my order?")
    expect(device.bubbles("C035, order NL-106851")).to_be_visible()
    expect(visit.badge).to_have_text("1")
    expect(other.locator("lichno-chat .badge")).to_have_text("1")
    other.locator("lichno-chat .launcher").click()
    expect(other.locator("lichno-chat .bubble", has_text="C035, order NL-106851")).to_be_visible()
    expect(other.locator("lichno-chat .bubble", has_text="Where is my order?")).to_have_count(1)
    expect(visit.badge).to_have_count(0)


def test_the_badge_counts_also_after_a_reload_until_the_chat_is_read(enter: Enter) -> None:
    visit = enter().sign_in("C038").open_chat().say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    visit.answered().button("Minimise the chat").click()
    device = enter().sign_in("C038").open_chat().say("Where is my order?")
    expect(visit.badge).to_have_text("1")
    visit.page.reload()
    expect(visit.badge).to_have_text("1")
    visit.open_chat()
    expect(visit.bubbles("C038, order NL-106851")).to_be_visible()
    visit.button("Minimise the chat").click()
    visit.page.reload()
    device.answered().say("How much is a courier?")
    expect(visit.badge).to_have_text("1")


def test_what_is_asked_by_another_channel_appears_in_the_open_chat_with_its_answer(
    enter: Enter, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    visit = enter().sign_in("C006").open_chat().say("How much is a courier?").answered()
    header = {"Authorization": f"Bearer {issue_token('C006')}"}
    address, asked = f"{shop.url}/webhooks/rest/webhook", {"message": "Where is my order?"}
    assert visit.page.request.post(address, data=asked, headers=header).ok
    expect(visit.bubbles("C006, order NL-106851 is on its way.")).to_be_visible()
    live = visit.answered().thread()
    assert [text.split("\n")[0] for text in live][-2] == "Where is my order?"
    visit.page.reload()
    visit.open_chat()
    expect(visit.bubbles("C006, order NL-106851 is on its way.")).to_be_visible()
    assert visit.thread() == live


def test_a_server_killed_in_the_middle_of_a_reply_loses_nothing(shop: Shop, enter: Enter) -> None:
    visit = enter().sign_in("C008").open_chat().say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    before = visit.answered().thread()
    visit.say("something slow")
    expect(visit.bubbles("This takes a while.")).to_be_visible()
    shop.kill()
    expect(visit.page.locator("lichno-chat .notice")).to_have_text("Reconnecting…")
    visit.say("and my order?")
    shop.start()
    expect(visit.bubbles("C008, order NL-106851 is on its way.")).to_be_visible()
    expected = [
        *before,
        "something slow",
        "This takes a while. Now it is done.",
        "and my order?",
        "C008, order NL-106851 is on its way.",
    ]
    assert visit.answered().thread() == expected
    visit.page.reload()
    expect(visit.open_chat().bubbles("and my order?")).to_be_visible()
    assert visit.thread() == expected
    visit.errors.clear()  # the browser tells of the connections that failed meanwhile


def test_two_customers_never_see_each_other(enter: Enter) -> None:
    visits = {customer: enter().sign_in(customer).open_chat() for customer in ("C011", "C014")}
    for visit in visits.values():
        visit.say("Where is my order?")
    for customer, visit in visits.items():
        expect(visit.bubbles(f"{customer}, order NL-106851")).to_be_visible()
        (other,) = visits.keys() - {customer}
        assert other not in visit.panel.inner_text()


def test_a_stolen_session_id_with_anothers_token_is_refused(enter: Enter) -> None:
    thief = enter().sign_in("C014")
    connect = """async session => {
      const { token } = await (await fetch("/token")).json();
      const socket = new WebSocket(`ws://${location.host}/socket.io/?EIO=4&transport=websocket`);
      return new Promise(told => {
        const asked = "40" + JSON.stringify({ token, session });
        socket.onmessage = ({ data }) => (data[0] === "0" ? socket.send(asked) : told(data));
      });
    }"""
    assert thief.page.evaluate(connect, "customer:C014").startswith("40")
    refused = thief.page.evaluate(connect, "customer:C011")
    assert refused.startswith("44") and "other_customer" in refused


def test_signing_out_shows_the_visitors_thread(enter: Enter) -> None:
    visit = enter().sign_in("C017").open_chat().say("Where is my order?")
    expect(visit.bubbles("C017, order")).to_be_visible()
    visit.button("Minimise the chat").click()
    visit.button("Sign out").click()
    visit.page.wait_for_url("**/en/")
    visit.open_chat()
    expect(visit.bubbles("sign in first")).to_be_visible()
    assert visit.thread() == []


def test_an_expired_token_is_renewed_by_the_shop_without_the_customer_noticing(
    enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    tokens = [issue_token("C020", dt.timedelta(seconds=-1)), issue_token("C020")]

    def token(route: Route) -> None:
        route.fulfill(content_type="application/json", body=json.dumps({"token": tokens.pop(0)}))

    visit = enter()
    visit.page.route("**/token", token)
    visit.go().open_chat().say("Where is my order?")
    expect(visit.bubbles("C020, order NL-106851")).to_be_visible()
    assert tokens == []


def test_a_rating_with_its_reason_is_kept(enter: Enter, folder: Path) -> None:
    visit = enter().sign_in("C023").open_chat().say("Where is my order?")
    visit.button("Not helpful").click()
    visit.page.get_by_label("What was wrong?").fill("I know that already")
    visit.button("Send feedback").click()
    expect(visit.page.get_by_text("Thank you for the feedback")).to_be_visible()
    visit.page.reload()
    expect(visit.open_chat().button("Not helpful")).to_have_attribute("aria-pressed", "true")
    with CustomerStore(f"sqlite:///{folder}/customers.db").session() as session:
        rows = session.query(Feedback.customer_id, Feedback.rating, Feedback.reason).all()
    assert [tuple(row) for row in rows] == [("C023", -1, "I know that already")]


# -- for everybody -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_interface_speaks_the_pages_language(enter: Enter, language: str) -> None:
    visit = enter(language).go()
    expect(visit.launcher).to_have_attribute("aria-label", OPENERS[language])


@pytest.mark.parametrize(("locale", "landing"), [("ru", "/ru/"), ("en", "/en/")])
def test_the_front_door_leads_to_the_browsers_language(enter: Enter, locale: str, landing: str) -> None:
    visit = enter(locale)
    visit.page.goto(visit.shop.url)
    assert visit.page.url == visit.shop.url + landing


def test_the_keyboard_alone_is_enough(enter: Enter) -> None:
    visit = enter().go("/account")
    visit.launcher.focus()
    visit.page.keyboard.press("Enter")
    expect(visit.field).to_be_focused()
    visit.page.keyboard.type("How much is a courier?")
    visit.page.keyboard.press("Enter")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    for _ in range(20):
        visit.page.keyboard.press("Shift+Tab")
        if visit.button("Why this answer").evaluate("button => button === button.getRootNode().activeElement"):
            break
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("lichno-chat .why")).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(visit.launcher).to_be_focused()


def test_a_screen_reader_hears_each_reply_once(enter: Enter) -> None:
    visit = enter().go().open_chat().say("How much is a courier?")
    live = visit.page.locator("lichno-chat [role=log]")
    expect(live).to_have_attribute("aria-live", "polite")
    expect(live).to_have_text(f"Delivery by courier costs 299 ₽. {ANSWER}")


def test_on_a_phone_the_chat_fills_the_screen_and_nothing_is_cut_off(enter: Enter) -> None:
    visit = enter("ru", viewport=PHONE).go()
    width = "document.documentElement.scrollWidth"
    assert visit.page.evaluate(width) == PHONE["width"]
    visit.open_chat().say("Сколько стоит доставка курьером?")
    expect(visit.bubbles("за час он позвонит")).to_be_visible()
    assert visit.panel.bounding_box() == {"x": 0, "y": 0, **PHONE}
    assert not visit.panel.evaluate(CUT_OFF)


def test_at_twice_the_size_everything_is_there(enter: Enter) -> None:
    visit = enter(viewport={"width": 640, "height": 400}, device_scale_factor=2).go().open_chat()
    visit.say("How much is a courier?")
    expect(visit.bubbles(ANSWER)).to_be_visible()
    visit.button("Why this answer").click()
    for name in ("Send", "Talk to a person", "Minimise the chat"):
        expect(visit.button(name)).to_be_in_viewport(ratio=1)
    expect(visit.field).to_be_in_viewport(ratio=1)
    assert not visit.panel.evaluate(CUT_OFF)


def test_dark_follows_the_browser(enter: Enter) -> None:
    colours = []
    for scheme in ("light", "dark"):
        visit = enter(color_scheme=scheme).go().open_chat()
        colours.append(visit.panel.evaluate("panel => getComputedStyle(panel).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(23, 33, 42)"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, PHONE], ids=["desktop", "phone"])
def test_axe_finds_no_violation_in_the_chat(enter: Enter, scheme: str, viewport: dict[str, int]) -> None:
    visit = enter(color_scheme=scheme, viewport=viewport, reduced_motion="reduce").sign_in("C026").open_chat()
    visit.say("How much is a courier?")
    expect(visit.bubbles(ANSWER).last).to_be_visible()
    visit.button("Why this answer").last.click()
    visit.button("Not helpful").last.click()
    visit.say("cancel my order")
    expect(visit.button("Yes, cancel it")).to_be_visible()
    attach(visit, "crack.png", photo("PNG"))
    visit.field.press("Enter")
    expect(visit.button("Save the file crack.png").last).to_be_visible()
    attach(visit, "a long name of a photo, as telephones make them, 20261125.png", photo("PNG"))
    visit.button("More about this conversation").click()
    found = Axe().run(visit.page, options={"runOnly": STANDARDS})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", ["/", "/account", "/help", "/help/delivery-courier"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_the_shop(enter: Enter, path: str, scheme: str) -> None:
    visit = enter(color_scheme=scheme).go(path)
    found = Axe().run(visit.page, options={"runOnly": STANDARDS})
    assert found.violations_count == 0, found.generate_report()


def test_the_pages_style_does_not_reach_the_widget_nor_the_widgets_the_page(enter: Enter) -> None:
    look = "e => JSON.stringify([getComputedStyle(e).color, getComputedStyle(e).fontSize, getComputedStyle(e).padding])"
    visit = enter().go().open_chat()
    heading = visit.page.locator("h1")
    before = [visit.panel.locator("h2").evaluate(look), heading.evaluate(look)]
    visit.page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync("h2, p, button { color: red !important; font-size: 40px !important; padding: 50px }");
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    assert [visit.panel.locator("h2").evaluate(look), heading.evaluate(look)] == before


def test_the_invitation_comes_by_the_shops_rules_and_stays_away_once_closed(enter: Enter) -> None:
    visit = enter()
    visit.page.clock.install()
    visit.go("/help")
    invitation = visit.page.get_by_text("Not found it? Ask me.")
    visit.page.clock.run_for(20_000)
    expect(invitation).to_have_count(0)
    visit.page.clock.run_for(10_000)
    expect(invitation).to_be_visible()
    visit.button("Hide the invitation").click()
    visit.go("/help")
    visit.page.clock.run_for(60_000)
    expect(invitation).to_have_count(0)


def test_nothing_is_fetched_from_anybody_else_and_no_connection_made_before_the_chat_is_opened(enter: Enter) -> None:
    visit = enter()
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.page.on("websocket", lambda socket: asked.append(socket.url))
    visit.go()
    visit.page.wait_for_load_state("networkidle")
    assert {url.split("/")[2] for url in asked if url.startswith(("http", "ws"))} == {visit.shop.url.split("/")[2]}
    assert not any("socket.io" in url or url.endswith("/token") for url in asked)
