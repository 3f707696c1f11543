from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.customers.errors import ImportRefused, MasterKeyWrong, UnknownCustomer
from bot.customers.keyring import KEY_FILE, KEY_VARIABLE, NEXT_KEY_VARIABLE, new_key
from bot.privacy.erasure import NotErased
from tests.bot.cli.conftest import Run
from tests.bot.customers.shop import write_shop


def test_an_import_tells_what_it_brought_and_encodes_the_facts(project: Path, run: Run) -> None:
    result = run("customers", "import", "shop")
    assert result.exit_code == 0
    assert "customers: 2 added" in result.output and "orders: 3 added" in result.output
    assert (project / "var/profiles/profiles.sqlite").is_file()
    assert "customers: 2 unchanged" in run("customers", "import", "shop").output


def test_repairs_and_refusals_are_summed_up_and_reported_in_full(project: Path, run: Run) -> None:
    folder = write_shop(project / "dirty", "orders.csv", "in_transit", "in_orbit")
    write = (folder / "customers.csv").read_text(encoding="utf-8").replace("Ann", "ANN")
    (folder / "customers.csv").write_text(write, encoding="utf-8")
    result = run("customers", "import", folder, "--report", "report.json")
    assert result.exit_code == 0
    assert "Repaired: customers.csv, first_name: capitals put right (1)" in result.output
    assert "Refused: orders.csv, status: is none of placed" in result.output
    report = json.loads((project / "report.json").read_text(encoding="utf-8"))
    place = {"table": "orders", "file": "orders.csv", "line": 3, "column": "status"}
    assert report["refused"][0].items() >= place.items()
    assert json.loads(run("customers", "import", folder, "--json").output)["tables"]["customers"]["unchanged"] == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("orders.csv", "in_transit", "in_orbit", "orders.csv, line 3, column status"),
        ("order_items.csv", "NL-2,P1", "NL-2,P9", "order_items.csv, line 3, column product_id"),
    ],
)
def test_strictly_a_broken_cell_is_named_and_nothing_is_lost(
    project: Path, run: Run, file: str, old: str, new: str, named: str
) -> None:
    run("customers", "import", "shop")
    result = run("customers", "import", write_shop(project / "broken", file, old, new), "--strict")
    assert result.exit_code != 0
    assert isinstance(result.exception, ImportRefused)
    assert named in str(result.exception)
    assert run("customers", "show").output.split() == ["C1,", "C2"]


def test_a_mapping_is_read_from_where_it_is_named(project: Path, run: Run) -> None:
    (project / "m.yml").write_text("tables: [{table: customers, file: users.csv}]")
    result = run("customers", "import", "shop", "--mapping", "m.yml")
    assert "lacks users.csv" in str(result.exception)


def test_a_folder_that_lacks_files_is_refused(project: Path, run: Run) -> None:
    result = run("customers", "import", "articles")
    assert result.exit_code != 0
    assert "orders.csv" in str(result.exception)


def test_a_customer_is_shown_with_name_and_facts(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    told = run("customers", "show", "C2").output
    assert told.startswith("Ms Harper (en, formal)")
    assert "NL-2" in told and "NL-1" not in told
    values = json.loads(run("customers", "show", "C2", "--json").output)
    assert (values["customer_id"], values["name"]) == ("C2", "Ms Harper")
    assert any("NL-2" in fact["text"] for fact in values["facts"])


def test_all_customers_are_listed(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    assert json.loads(run("customers", "show", "--json").output) == ["C1", "C2"]


@pytest.mark.parametrize("words", [("customers", "show", "C9"), ("token", "C9"), ("ask", "Hi", "--customer", "C9")])
def test_an_unknown_customer_is_named_with_the_remedy(project: Path, run: Run, words: tuple[str, ...]) -> None:
    run("customers", "import", "shop")
    result = run(*words)
    assert result.exit_code != 0
    assert isinstance(result.exception, UnknownCustomer)
    assert "C9" in str(result.exception) and "lichno customers show" in str(result.exception)


def test_a_demos_dates_are_moved(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    before = run("customers", "show", "C2").output
    assert run("customers", "import", "shop", "--demo").exit_code == 0
    assert run("customers", "show", "C2").output.split("\n")[0] == before.split("\n")[0]


def test_all_that_is_held_is_written_as_a_page_and_as_json(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    assert run("customers", "export", "C1", "--html", "c1.html", "--json", "c1.json").output == ""
    assert "Соколова" in (project / "c1.html").read_text(encoding="utf-8")
    written = json.loads((project / "c1.json").read_text(encoding="utf-8"))
    printed = json.loads(run("customers", "export", "C1").output)
    assert written["tables"] == printed["tables"] and written["customer_id"] == "C1"


def test_an_erased_customer_is_gone_and_a_receipt_says_so(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    (project / "endpoints.yml").write_text("tracker_store: {type: SQL, db: var/conversations.db}\n")
    result = run("customers", "erase", "C1")
    assert result.exit_code == 0 and "none of" in result.output
    (receipt,) = (project / "var/erasures").iterdir()
    told = json.loads(receipt.read_text())
    assert told["proven"] and told["rows"]["customers"] == 1 and told["vectors"] > 0
    assert str(receipt.relative_to(project)) in result.output
    assert isinstance(run("customers", "show", "C1").exception, UnknownCustomer)
    assert b"C1" not in (project / "var/profiles/profiles.sqlite").read_bytes()
    run("customers", "import", "shop")
    assert run("customers", "show").output.split() == ["C2"]


def test_what_is_left_of_an_erased_customer_is_an_error(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    (project / "var/old.log").write_text("mail to i@m.example failed")
    result = run("customers", "erase", "C1", "--receipt", "receipt.json")
    assert isinstance(result.exception, NotErased) and "old.log" in str(result.exception)
    assert not json.loads((project / "receipt.json").read_text())["proven"]


def test_at_a_terminal_an_erasure_is_asked_about(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("customers", "import", "shop")
    monkeypatch.setattr("bot.cli.customers.at_a_terminal", lambda: True)
    assert run("customers", "erase", "C1").exit_code != 0
    assert run("customers", "show").output.split() == ["C1,", "C2"]
    assert run("customers", "erase", "C1", "--yes").exit_code == 0


def test_what_is_past_its_term_is_deleted(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    (project / "endpoints.yml").write_text("nlg: {keep_visits_days: 1, keep_tickets_days: 0}\n")
    (project / "shop/browsing_events.csv").write_text(
        "customer_id,happened_at,product_id,event\nC1,2001-01-01,P1,viewed\n"
    )
    run("customers", "import", "shop")
    assert json.loads(run("customers", "expire", "--json").output)["browsing_events"] >= 1
    assert "0 browsing events" in run("customers", "expire").output
    (project / "endpoints.yml").write_text(
        "nlg: {keep_visits_days: 0, keep_tickets_days: 0, keep_conversations_days: 0, keep_handovers_days: 0}\n"
    )
    assert "Nothing expires" in run("customers", "expire").output


def test_a_new_master_key_opens_what_the_old_one_did(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    key = (project / KEY_FILE).read_text()
    before = run("customers", "show", "C2").output
    assert "2 keys" in run("customers", "rotate-key").output
    assert (project / KEY_FILE).read_text() != key
    assert run("customers", "show", "C2").output == before
    (project / KEY_FILE).write_text(key)
    assert isinstance(run("customers", "show", "C2").exception, MasterKeyWrong)


def test_a_key_of_the_environment_is_rotated_to_the_next_one(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    run("customers", "import", "shop")
    assert NEXT_KEY_VARIABLE in str(run("customers", "rotate-key").exception)
    following = new_key()
    monkeypatch.setenv(NEXT_KEY_VARIABLE, following)
    result = run("customers", "rotate-key")
    assert result.exit_code == 0 and following not in result.output
    assert isinstance(run("customers", "show", "C2").exception, MasterKeyWrong)
    monkeypatch.setenv(KEY_VARIABLE, following)
    assert run("customers", "show", "C2").output.startswith("Ms Harper")
