from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.customers.errors import ImportRefused, UnknownCustomer
from tests.bot.cli.conftest import Run
from tests.bot.customers.shop import write_shop


def test_an_import_tells_what_it_brought_and_encodes_the_facts(project: Path, run: Run) -> None:
    result = run("customers", "import", "shop")
    assert result.exit_code == 0
    assert "2 customers" in result.output and "3 orders" in result.output
    assert (project / "var/profiles/facts.json").is_file()


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("orders.csv", "in_transit", "in_orbit", ("orders.csv, line 3, column status", "in_orbit")),
        ("customers.csv", "2024-02-29", "yesterday", ("customers.csv, line 3, column registered", "yesterday")),
        ("order_items.csv", "NL-2,P1", "NL-2,P9", ("order_items.csv, line 3, column product_id", "P9")),
    ],
)
def test_a_broken_cell_is_named_and_nothing_is_lost(
    project: Path, run: Run, file: str, old: str, new: str, named: tuple[str, ...]
) -> None:
    run("customers", "import", "shop")
    result = run("customers", "import", write_shop(project / "broken", file, old, new))
    assert result.exit_code != 0
    assert isinstance(result.exception, ImportRefused)
    assert all(word in str(result.exception) for word in named)
    assert run("customers", "show").output.split() == ["C1,", "C2"]


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
