"""What the tests in a browser share: the browser, a shop's folder, customers who come in. Each module has its shop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from bot.customers.importer import DEMO_FILES, import_folder
from bot.customers.keyring import KEY_VARIABLE as MASTER_KEY
from bot.customers.keyring import new_key
from bot.customers.store import CustomerStore
from tests.e2e.browsing import LOCALES, ROOT, Enter, Shop, Visit, launched


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The demo's customers, articles and settings."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(MASTER_KEY, new_key())  # the server's as well
        yield _filled(folder)


def _filled(folder: Path) -> Path:
    for name in ("training_data", "domain.yml"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "endpoints.yml").write_text("nlg:\n  customers: sqlite:///customers.db\n")
    store = CustomerStore(f"sqlite:///{folder}/customers.db")
    store.create()
    with Session(store.engine, future=True) as session:
        import_folder(session, ROOT / DEMO_FILES, dt.date.today())
    return folder


@pytest.fixture
def enter(shop: Shop, browser: Browser) -> Iterator[Enter]:
    """Each visit is a browser of its own: its cookies and storage are nobody else's."""
    visits: list[Visit] = []

    def entering(language: str = "en", **options: Any) -> Visit:
        context = browser.new_context(
            locale=LOCALES[language], **{"viewport": {"width": 1280, "height": 800}, **options}
        )
        visits.append(Visit(shop, context, language))
        return visits[-1]

    yield entering
    for visit in visits:
        assert visit.errors == []
        visit.context.close()
