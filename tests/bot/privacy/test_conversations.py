from __future__ import annotations

from pathlib import Path

import pytest

from bot.privacy.conversations import Conversations, TrackerStoreUnknown
from bot.privacy.wanted import ERASED, Wanted
from tests.bot.privacy.conftest import SAID


def all_said(talks: Conversations) -> str:
    return "\n".join(talks.texts())


def test_a_customers_conversations_are_found_by_name_and_by_proof(talks: Conversations) -> None:
    assert talks.senders("C1") == ["customer:C1", "customer:C1:phone", "telegram:77"]
    assert talks.senders("C10") == ["customer:C10"]
    assert talks.senders("C_") == talks.senders("%") == []


def test_a_conversation_is_given_whole_and_in_order(talks: Conversations) -> None:
    first = talks.of("C1")[0]
    told = [event["text"] for event in first["events"] if event["event"] in ("user", "bot")]
    assert (first["sender_id"], told) == ("customer:C1", ["Где мой заказ NL-1?", "Сейчас посмотрю."])


def test_erasing_takes_a_customers_conversations_and_no_others(talks: Conversations) -> None:
    conversations, events = talks.erase("C1")
    assert conversations == 3 and events >= 6
    assert talks.senders("C1") == [] and talks.of("C1") == []
    assert talks.erase("C1") == (0, 0)
    assert all(text in all_said(talks) for _, customer, text in SAID if customer != "C1")


def test_values_are_taken_out_of_other_peoples_messages(talks: Conversations) -> None:
    assert talks.redact(Wanted(["i@m.example", "Ирина Соколова"])) == 2
    assert "i@m.example" not in all_said(talks) and "Соколова" not in all_said(talks)
    assert f"Write to {ERASED}, please." in all_said(talks)
    assert talks.redact(Wanted(["i@m.example"])) == 0


def test_what_is_old_expires(talks: Conversations) -> None:
    assert talks.expire(1e9) == 0
    assert talks.expire(1e9 + 0.5) == len(SAID)
    assert talks.expire(2e9) > 0
    assert all_said(talks) == ""


def test_nothing_deleted_lies_in_the_file(talks: Conversations) -> None:
    talks.erase("C1")
    talks.compact()
    assert talks.file is not None and b"customer:C1:phone" not in talks.file.read_bytes()


@pytest.mark.parametrize("text", ["", "tracker_store:\n  type: InMemory\n", "nlg:\n  threads: 2\n"])
def test_where_nothing_is_kept_there_is_nothing_to_erase(tmp_path: Path, text: str) -> None:
    (tmp_path / "e.yml").write_text(text)
    talks = Conversations.of_project(tmp_path / "e.yml")
    assert (talks.of("C1"), talks.erase("C1"), talks.expire(9e9), list(talks.texts())) == ([], (0, 0), 0, [])
    talks.compact()


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ("db: var/talks.db", "sqlite:///var/talks.db"),
        ('dialect: postgresql, url: db.example, port: 5433, username: u, password: "${TALKS_KEY}", db: talks',
         "postgresql://u:secret@db.example:5433/talks"),
        ("url: 'postgresql://u:secret@db.example/talks'", "postgresql://u:secret@db.example/talks"),
    ],
)  # fmt: skip
def test_the_database_is_that_of_rasas_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str, url: str
) -> None:
    monkeypatch.setenv("TALKS_KEY", "secret")
    (tmp_path / "e.yml").write_text(f"tracker_store: {{type: SQL, {options}}}\n")
    found = Conversations.of_project(tmp_path / "e.yml").url
    assert found is not None and found.render_as_string(hide_password=False) == url


def test_a_store_that_cannot_be_reached_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "e.yml").write_text("tracker_store:\n  type: mongod\n")
    with pytest.raises(TrackerStoreUnknown, match="mongod cannot be reached"):
        Conversations.of_project(tmp_path / "e.yml")
