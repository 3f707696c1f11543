from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from bot.customers.models import VerificationCode
from bot.customers.store import CustomerStore
from bot.identity.codes import A_DAY, LIFETIME, RESEND_AFTER, TRIES, Blocked, Codes, TooManyCodes, TooSoon, Verdict

NOW = dt.datetime(2026, 11, 25, 12)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def session() -> Iterator[Session]:
    store = CustomerStore("sqlite://")
    store.create()
    with Session(store.engine, future=True) as session:
        yield session


def codes(session: Session, now: dt.datetime = NOW, customer: str = "C1", key: str = "key") -> Codes:
    return Codes(session, key, customer, now)


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_is_right_once(session: Session) -> None:
    code = codes(session).issue("r")
    assert len(code) == 6 and code.isdigit()
    assert codes(session).check("r", code) is Verdict.RIGHT
    assert codes(session).check("r", code) is Verdict.EXPIRED


def test_the_database_does_not_hold_it(session: Session) -> None:
    code = codes(session).issue("r")
    row = session.query(VerificationCode).one()
    assert code not in " ".join(str(getattr(row, column.name)) for column in VerificationCode.__table__.columns)


def test_it_is_good_for_its_customer_request_and_installation_only(session: Session) -> None:
    code = codes(session).issue("r")
    assert codes(session).check("another", code) is Verdict.EXPIRED
    assert codes(session, customer="C2").check("r", code) is Verdict.EXPIRED
    assert codes(session, key="stolen database, other key").check("r", code) is Verdict.WRONG
    assert codes(session).check("r", code) is Verdict.RIGHT


def test_it_expires(session: Session) -> None:
    code = codes(session).issue("r")
    assert codes(session, NOW + LIFETIME - SECOND).waiting("r")
    assert not codes(session, NOW + LIFETIME).waiting("r")
    assert codes(session, NOW + LIFETIME).check("r", code) is Verdict.EXPIRED


def test_a_new_one_comes_after_a_minute_and_replaces_the_old(session: Session) -> None:
    first = codes(session).issue("r")
    with pytest.raises(TooSoon):
        codes(session, NOW + RESEND_AFTER - SECOND).issue("r")
    later = NOW + RESEND_AFTER
    second = codes(session, later).issue("r")
    if first != second:
        assert codes(session, later).check("r", first) is Verdict.WRONG
    assert codes(session, later).check("r", second) is Verdict.RIGHT


def test_wrong_codes_block_the_customer_for_half_an_hour_over_all_requests(session: Session) -> None:
    code = codes(session).issue("r")
    for left in range(TRIES - 1, -1, -1):
        assert codes(session).check("r", other(code)) is Verdict.WRONG
        assert codes(session).tries_left() == left
    with pytest.raises(Blocked):
        codes(session).check("r", code)
    with pytest.raises(Blocked):
        codes(session).issue("another")
    assert codes(session, customer="C2").issue("theirs")
    assert codes(session, NOW + dt.timedelta(minutes=31)).issue("another")


def test_a_right_code_ends_the_row_of_wrong_ones(session: Session) -> None:
    code = codes(session).issue("r")
    for _ in range(TRIES - 1):
        codes(session).check("r", other(code))
    codes(session).check("r", code)
    codes(session, NOW + SECOND).issue("next")
    assert codes(session, NOW + SECOND).tries_left() == TRIES


def test_a_days_codes_are_counted(session: Session) -> None:
    for number in range(A_DAY):
        codes(session).issue(f"r{number}")
    with pytest.raises(TooManyCodes):
        codes(session).issue("one more")
    assert codes(session, NOW + dt.timedelta(days=1, seconds=1)).issue("tomorrow")
