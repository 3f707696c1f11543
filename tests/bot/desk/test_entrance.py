"""Signing in, and the page with what it loads."""

from __future__ import annotations

import httpx
import pytest

from bot.channels.identity import TokenRefused, customer_of
from bot.desk.desk import LEAD_PASSWORD as LEAD_VARIABLE
from bot.desk.desk import PASSWORD as VARIABLE
from bot.desk.signing_in import COOKIE, cookie_for, name_of, role_for, signed_in
from tests.bot.desk.conftest import Start
from tests.bot.desk.office import LEAD_PASSWORD, PASSWORD, Office


async def get(office: Office, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=office.server.url) as http:
        return await http.get(path, headers=headers)


@pytest.mark.parametrize(("password", "role"), [(PASSWORD, "agent"), (LEAD_PASSWORD, "lead")])
async def test_each_password_opens_its_role(start: Start, password: str, role: str) -> None:
    office = await start()
    answer = await office.sign_in("  Anna   B. ", password)
    assert (answer.status_code, answer.json()) == (200, {"name": "Anna B.", "role": role})
    kept = answer.headers["set-cookie"].lower()
    assert "httponly" in kept and "samesite=strict" in kept and "max-age=43200" in kept
    cookie = answer.cookies[COOKIE]
    assert (await get(office, "/desk/me", Cookie=f"{COOKIE}={cookie}")).json() == {"name": "Anna B.", "role": role}
    with pytest.raises(TokenRefused):
        customer_of(cookie)


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper()])
async def test_no_other_password_opens_anything(start: Start, password: str) -> None:
    answer = await (await start()).sign_in("Anna", password)
    assert (answer.status_code, answer.json()) == (401, {"error": "wrong_password"})
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "An\u202ena"])
async def test_a_name_must_be_one_that_customers_can_read(start: Start, name: str) -> None:
    assert (await (await start()).sign_in(name, PASSWORD)).json() == {"error": "unreadable"}


async def test_a_form_of_another_page_signs_nobody_in(start: Start) -> None:
    office = await start()
    async with httpx.AsyncClient(base_url=office.server.url) as http:
        answer = await http.post("/desk/sign-in", data={"name": "Anna", "password": PASSWORD})
    assert answer.status_code == 422


async def test_guessing_is_slowed_down_and_then_even_the_right_password_waits(start: Start) -> None:
    office = await start()
    statuses = [(await office.sign_in("Anna", f"guess {n}")).status_code for n in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    late = await office.sign_in("Anna", PASSWORD)
    assert (late.status_code, late.json()["error"]) == (429, "rate") and late.json()["wait"] > 0


async def test_signing_out_takes_the_cookie_away(start: Start) -> None:
    office = await start()
    async with httpx.AsyncClient(base_url=office.server.url) as http:
        await http.post("/desk/sign-in", json={"name": "Anna", "password": PASSWORD})
        assert (await http.get("/desk/me")).status_code == 200
        assert (await http.post("/desk/sign-out")).status_code == 204
        assert (await http.get("/desk/me")).json() == {"error": "signed_out"}


def test_changing_the_password_signs_everybody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    monkeypatch.setenv(LEAD_VARIABLE, LEAD_PASSWORD)
    agent, lead = cookie_for("Anna", "agent"), cookie_for("Lena", "lead")
    monkeypatch.setenv(VARIABLE, "another")
    assert signed_in(agent) is None
    assert signed_in(lead) is not None


def test_without_passwords_nothing_opens_the_desk() -> None:
    assert [role_for(password, {}) for password in ("", "x")] == [None, None]
    assert role_for("", {VARIABLE: ""}) is None
    assert name_of("Анна") == "Анна"


async def test_the_page_lets_nothing_foreign_in(start: Start) -> None:
    office = await start()
    page = await get(office, "/desk", **{"Accept-Language": "en-GB,en;q=0.9,ru;q=0.8"})
    policy = page.headers["content-security-policy"]
    assert page.status_code == 200 and 'src="/desk/desk.js"' in page.text and '<html lang="en">' in page.text
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy


async def test_without_passwords_the_page_says_how_to_switch_the_desk_on(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await start()
    monkeypatch.delenv(VARIABLE)
    monkeypatch.delenv(LEAD_VARIABLE)
    page = await get(office, "/desk", **{"Accept-Language": "ru"})
    assert page.status_code == 503 and VARIABLE in page.text and "<script" not in page.text
