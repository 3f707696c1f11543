"""A real server in a process of its own, and a real browser in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from bot.channels.identity import KEY_VARIABLE
from tests.bot.channels.conftest import KEY
from tests.e2e.web_server import HANGS

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STARTING_SECONDS = 120
LOCALES = {"ru": "ru-RU", "en": "en-GB"}
PHONE = {"width": 360, "height": 740}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]  # that axe holds pages to
OPENERS = {"ru": "Открыть чат с помощником", "en": "Open the assistant's chat"}


def launched(playwright: Playwright) -> Browser:
    """The system's Chromium; without one the tests are skipped, in CI they fail."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None and "CI" not in os.environ:
        pytest.skip("There is no Chromium here: apt-get install chromium.")
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


class Shop:
    """The server of :mod:`tests.e2e.web_server` in a folder.

    Args:
        folder: with ``endpoints.yml`` and the customers' database.
        environment: what the server's has besides this process's own.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder, self._environment = folder, environment or {}
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self.url = f"http://localhost:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, hangs: bool = False) -> None:
        """Start, and wait until it answers."""
        hanging = {HANGS: "1"} if hangs else {}
        environment = {**os.environ, KEY_VARIABLE: KEY, "PYTHONPATH": str(ROOT), **hanging, **self._environment}
        command = [sys.executable, "-W", "ignore", "-m", "tests.e2e.web_server", str(self.port)]
        log = (self.folder / "server.log").open("ab")
        self._process = subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        deadline = time.monotonic() + STARTING_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.folder / "server.log").read_text()[-3000:])
            time.sleep(0.2)

    def kill(self) -> None:
        """At once, as a power cut would."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/webhooks/lichno_web/", timeout=2):
                return True
        except OSError:
            return False


class Window:
    """One person's browser. Errors on its pages are the test's."""

    def __init__(self, shop: Shop, context: BrowserContext, language: str) -> None:
        self.shop, self.context, self.language = shop, context, language
        self.errors: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        return page

    def button(self, name: str, exact: bool = False) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)


class Visit(Window):
    """A customer's browser: a page of the shop with the widget on it."""

    def go(self, path: str = "/") -> Visit:
        self.page.goto(f"{self.shop.url}/{self.language}{path}")
        return self

    def sign_in(self, customer: str) -> Visit:
        """Not all customers are on the page's list, so the form is sent without it."""
        self.page.request.post(f"{self.shop.url}/sign-in", form={"customer": customer, "language": self.language})
        return self.go("/account")

    def open_chat(self) -> Visit:
        """Unless it is: it stays open from page to page."""
        self.launcher.or_(self.panel).wait_for()
        if self.launcher.is_visible():
            self.launcher.click()
        self.field.wait_for()
        return self

    def say(self, text: str) -> Visit:
        self.field.fill(text)
        self.field.press("Enter")
        return self

    @property
    def launcher(self) -> Locator:
        return self.page.locator("lichno-chat .launcher")

    @property
    def badge(self) -> Locator:
        return self.page.locator("lichno-chat .badge")

    @property
    def field(self) -> Locator:
        return self.page.locator("lichno-chat textarea")

    @property
    def panel(self) -> Locator:
        return self.page.locator("lichno-chat .panel")

    def bubbles(self, text: str) -> Locator:
        """Messages that hold the text."""
        return self.page.locator("lichno-chat .bubble", has_text=text)

    def answered(self) -> Visit:
        """Wait until nothing is on its way."""
        expect(self.page.locator("lichno-chat :is(.dots, .state)")).to_have_count(0)
        return self

    def thread(self) -> list[str]:
        """All messages after the welcome, in order."""
        return self.page.locator("lichno-chat .thread .bubble").all_inner_texts()[1:]


class Seat(Window):
    """An agent's browser at the desk."""

    def sit_down(self, name: str, password: str) -> Seat:
        """Sign in by the page's form."""
        self.page.goto(f"{self.shop.url}/desk")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.button("Sign in").click()
        return self

    def open(self, customer: str) -> Seat:
        """The conversation from the list."""
        self.entry(customer).click()
        self.page.get_by_role("heading", name=customer).wait_for()
        return self

    def take(self, customer: str) -> Seat:
        self.open(customer).button("Take over").click()
        expect(self.field).to_be_focused()
        return self

    def say(self, text: str) -> Seat:
        self.field.fill(text)
        self.field.press("Enter")
        return self

    def entry(self, customer: str) -> Locator:
        """In the list."""
        return self.page.locator("a.entry", has_text=customer)

    def group(self, title: str) -> Locator:
        """The conversations that stand in the list below this title."""
        return self.page.locator(f".list h2:has-text('{title}') ~ ul").first.locator("a.entry")

    @property
    def field(self) -> Locator:
        return self.page.get_by_label("Reply to the customer")

    def bubbles(self, text: str) -> Locator:
        return self.page.locator(".conversation .bubble", has_text=text)

    def thread(self) -> list[str]:
        """All messages, in order."""
        return self.page.locator(".thread .bubble").all_inner_texts()


Enter = Callable[..., Visit]
TakeSeat = Callable[..., Seat]
