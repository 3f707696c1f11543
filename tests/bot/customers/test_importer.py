from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from bot.customers import models
from bot.customers.errors import ImportRefused
from bot.customers.importer import DEMO_DAY, SHOWN_FAULTS, TABLES, import_folder
from bot.customers.store import CustomerStore
from tests.bot.customers.shop import SHOP, write_shop


def content(store: CustomerStore) -> dict[str, list[tuple[Any, ...]]]:
    with store.session() as session:
        tables = models.Base.metadata.sorted_tables
        return {table.name: [tuple(row) for row in session.execute(table.select())] for table in tables}


def refused(store: CustomerStore, folder: Path, moved_to: dt.date | None = None) -> str:
    """The message of a refused import, after which the database is what it was."""
    before = content(store)
    with store.session() as session, pytest.raises(ImportRefused) as error:
        import_folder(session, folder, moved_to)
    assert content(store) == before
    return str(error.value)


def test_the_demo_imports_whole(demo: CustomerStore) -> None:
    counts = {name: len(rows) for name, rows in content(demo).items()}
    assert (counts["customers"], counts["products"], counts["orders"], counts["tickets"]) == (60, 120, 300, 100)
    assert min(counts[table.__tablename__] for table in TABLES.values()) > 0


def test_an_import_tells_the_rows_of_each_file(shop: CustomerStore, tmp_path: Path) -> None:
    with shop.session() as session:
        counts = import_folder(session, tmp_path / "shop")
    assert counts == {name.removesuffix(".csv"): len(lines) - 1 for name, lines in SHOP.items()}


def test_an_import_replaces_what_was_there(shop: CustomerStore, tmp_path: Path) -> None:
    with shop.session() as session:
        import_folder(session, write_shop(tmp_path / "shop", "customers.csv", "Ирина", "Инна"))
    with shop.session() as session:
        assert {name for (name,) in session.query(models.Customer.first_name)} == {"Инна", "Ann"}


def test_importing_twice_is_importing_once(shop: CustomerStore, tmp_path: Path) -> None:
    before = content(shop)
    with shop.session() as session:
        import_folder(session, tmp_path / "shop")
    assert content(shop) == before


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "reason"),
    [
        ("orders.csv", "8990,0,card", "8990 ₽,0,card", "line 2, column total", "“8990 ₽” is not a whole number"),
        ("orders.csv", "2026-11-20", "20.11.2026", "line 3, column ordered_at", "is not a date like 2026-11-24"),
        ("orders.csv", "2026-11-20", "2026-02-30", "line 3, column ordered_at", "is not a date"),
        ("orders.csv", "card,yes", "card,да", "line 2, column paid", "is not yes or no"),
        ("orders.csv", "in_transit", "lost", "line 3, column status", "is none of placed"),
        ("orders.csv", "transit,courier", "transit,drone", "line 3, column delivery_method", "is none of courier"),
        ("orders.csv", "NL-2,C2", "NL-2,C9", "line 3, column customer_id", "C9 is not in customers.csv"),
        ("orders.csv", "NL-2,C2", "NL-1,C2", "line 3, column order_id", "NL-1 stands in an earlier row"),
        ("orders.csv", "NL-2,C2", ",C2", "line 3, column order_id", "is empty"),
        ("orders.csv", ",NLD1", ",NLD1,more", "line 3, column last", "more cells than the header"),
        ("customers.csv", "gold,20", "platinum,20", "line 3, column loyalty_level", "is none of start, silver, gold"),
        ("customers.csv", "Ann,Harper", "Ann,", "line 3, column last_name", "is empty"),
        ("customers.csv", "first_name", "name", "line 1, column first_name", "the column is missing"),
        ("products.csv", ",0.2", ",nan", "line 2, column weight_kg", "is not a number"),
        ("products.csv", "Aurora", "Aur\0ra", "column all", "not CSV"),
        ("tickets.csv", "T09:00", "T9", "line 2, column opened_at", "is not a time like"),
        ("order_items.csv", "NL-1,P1", "NL-1,P7", "line 2, column product_id", "P7 is not in products.csv"),
        ("browsing_events.csv", "viewed", "smelt", "line 2, column event", "is none of viewed"),
    ],
)
def test_a_broken_cell_is_named_and_nothing_is_imported(
    shop: CustomerStore, tmp_path: Path, file: str, old: str, new: str, place: str, reason: str
) -> None:
    message = refused(shop, write_shop(tmp_path / "broken", file, old, new))
    assert f"{file}, {place}" in message or (file in message and place in message)
    assert reason in message
    assert "import again" in message


def test_text_that_is_not_utf8_is_named(shop: CustomerStore, tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "broken")
    (folder / "customers.csv").write_bytes("\n".join(SHOP["customers.csv"]).encode("cp1251"))
    message = refused(shop, folder)
    assert "customers.csv, line 1" in message
    assert "save the file as UTF-8" in message


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_file_is_named(shop: CustomerStore, tmp_path: Path, name: str) -> None:
    folder = write_shop(tmp_path / "broken")
    (folder / name).unlink()
    assert f"lacks {name}" in refused(shop, folder)


def test_an_empty_file_lacks_its_columns(shop: CustomerStore, tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "broken")
    (folder / "products.csv").write_text("")
    assert "products.csv, line 1, column product_id: the column is missing" in refused(shop, folder)


def test_every_fault_is_listed_up_to_a_screenful(shop: CustomerStore, tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "broken")
    lines = [SHOP["order_items.csv"][0], *["NL-1,P1,many,8990"] * (SHOWN_FAULTS + 3)]
    (folder / "order_items.csv").write_text("\n".join(lines))
    message = refused(shop, folder)
    assert message.count("column quantity") == SHOWN_FAULTS
    assert "and 3 more" in message


def test_a_byte_order_mark_and_line_breaks_in_cells_are_read(shop: CustomerStore, tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "shop", "tickets.csv", "Как вернуть?", '"Как\nвернуть?"')
    path = folder / "tickets.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    with shop.session() as session:
        import_folder(session, folder)
    with shop.session() as session:
        assert session.query(models.Ticket.subject).scalar() == "Как\nвернуть?"


@pytest.mark.parametrize("days", [-400, 0, 37])
def test_moving_shifts_every_date_by_the_same_days(shop: CustomerStore, tmp_path: Path, days: int) -> None:
    before = content(shop)
    shift = dt.timedelta(days)
    with shop.session() as session:
        import_folder(session, tmp_path / "shop", moved_to=DEMO_DAY + shift)
    moved = {
        table: [tuple(cell + shift if isinstance(cell, dt.date) else cell for cell in row) for row in rows]
        for table, rows in before.items()
    }
    assert content(shop) == moved


def test_a_date_that_cannot_be_moved_is_named(shop: CustomerStore, tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "broken", "customers.csv", "2024-02-29", "9999-12-31")
    message = refused(shop, folder, DEMO_DAY + dt.timedelta(1))
    assert "customers.csv, line 3, column registered" in message
