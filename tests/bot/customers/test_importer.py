from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from bot.customers import models
from bot.customers.errors import ImportRefused
from bot.customers.importer import DEMO_DAY, SHOWN_FAULTS, ImportReport, import_folder
from bot.customers.mapping import OWN_FILES
from bot.customers.store import CustomerStore, open_ticket, record_consent
from tests.bot.customers.conftest import imported
from tests.bot.customers.shop import SHOP, write_shop

NOON = dt.datetime(2026, 11, 24, 12)


def content(store: CustomerStore) -> dict[str, list[tuple[Any, ...]]]:
    with store.session() as session:
        tables = models.Base.metadata.sorted_tables
        return {table.name: [tuple(row) for row in session.execute(table.select())] for table in tables}


def bring(store: CustomerStore, folder: Path, **options: Any) -> ImportReport:
    with store.session() as session:
        return import_folder(session, folder, **options)


def refused(store: CustomerStore, folder: Path, **options: Any) -> str:
    """The message of a refused import, after which the database is what it was."""
    before = content(store)
    with pytest.raises(ImportRefused) as error:
        bring(store, folder, **options)
    assert content(store) == before
    return str(error.value)


def test_the_demo_imports_whole_and_needs_no_repair(demo: CustomerStore) -> None:
    counts = {name: len(rows) for name, rows in content(demo).items()}
    assert (counts["customers"], counts["products"], counts["orders"], counts["tickets"]) == (60, 120, 300, 100)
    assert counts["data_keys"] == 60
    assert min(counts["order_items"], counts["delivery_events"], counts["browsing_events"]) > 0


def test_an_import_tells_what_became_of_each_tables_rows(shop: CustomerStore, tmp_path: Path) -> None:
    report = bring(shop, write_shop(tmp_path / "shop", "customers.csv", "Ирина", "Инна"))
    assert vars(report.tables["customers"]) == {"added": 0, "changed": 1, "unchanged": 1, "removed": 0, "refused": 0}
    assert report.tables["orders"].unchanged == len(SHOP["orders.csv"]) - 1
    assert not report.repaired and not report.refused and not report.noticed
    with shop.session() as session:
        assert session.get(models.Customer, "C1").first_name == "Инна"


def test_importing_twice_is_importing_once(url: str, tmp_path: Path) -> None:
    store = imported(tmp_path, write_shop(tmp_path / "shop"), url)
    before = content(store)
    report = bring(store, tmp_path / "shop")
    assert content(store) == before
    assert all(counts.added == counts.changed == counts.removed == 0 for counts in report.tables.values())


def test_what_the_assistant_did_outlasts_an_import(shop: CustomerStore, tmp_path: Path) -> None:
    with shop.session() as session:
        ticket = open_ticket(session, "C1", "return", "Мой вопрос", NOON)
        record_consent(session, session.get(models.Customer, "C1"), "memory", False, NOON, "web", "2026-11")
        session.commit()
    folder = write_shop(tmp_path / "shop")
    line = f"{ticket},C2,NL-2,2026-11-06T09:00,,return,Another's,"
    (folder / "tickets.csv").write_text("\n".join([*SHOP["tickets.csv"], line]) + "\n", encoding="utf-8")
    report = bring(shop, folder)
    with shop.session() as session:
        assert session.get(models.Ticket, ticket).subject == "Мой вопрос"
        assert session.get(models.Customer, "C1").consent_memory is False
    assert [(note.file, note.line, note.reason) for note in report.refused] == [
        ("tickets.csv", 3, "is the number of a request that the assistant has opened")
    ]


def test_replacing_empties_the_store_first(shop: CustomerStore, tmp_path: Path) -> None:
    with shop.session() as session:
        open_ticket(session, "C1", "return", "Мой вопрос", NOON)
        session.commit()
    bring(shop, tmp_path / "shop", replace=True)
    assert len(content(shop)["tickets"]) == 1


def test_consents_of_a_file_are_recorded_once(shop: CustomerStore, tmp_path: Path) -> None:
    bring(shop, tmp_path / "shop")
    bring(shop, write_shop(tmp_path / "later", "customers.csv", "2024-01-31,yes", "2024-01-31,no"))
    with shop.session() as session:
        found = session.query(models.Consent).filter_by(customer_id="C1", purpose="memory").order_by(models.Consent.id)
        assert [(consent.given, consent.channel, consent.text_version) for consent in found] == [
            (True, "import", None),
            (False, "import", None),
        ]


def test_an_orders_items_are_those_of_the_file(shop: CustomerStore, tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "shop", "order_items.csv", "NL-1,P1,1,8990", "NL-1,P1,2,8990\nNL-1,P1,2,8990")
    report = bring(shop, folder)
    with shop.session() as session:
        assert [item.quantity for item in session.get(models.Order, "NL-1").items] == [2, 2]
    assert (report.tables["order_items"].added, report.tables["order_items"].removed) == (2, 1)


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "reason"),
    [
        ("orders.csv", "8990,0,card", "dear,0,card", "line 2, column total", "is not a number"),
        ("orders.csv", "8990,0,card", "-1,0,card", "line 2, column total", "is less than 0"),
        ("orders.csv", "card,yes", "card,perhaps", "line 2, column paid", "is not yes or no"),
        ("orders.csv", "in_transit", "lost", "line 3, column status", "is none of placed"),
        ("orders.csv", "transit,courier", "transit,drone", "line 3, column delivery_method", "is none of courier"),
        ("orders.csv", "NL-2,C2", "NL-2,C9", "line 3, column customer_id", "is not in customers"),
        ("orders.csv", "NL-2,C2", "NL-1,C2", "line 3, column order_id", "stands in line 2 already, with other values"),
        ("orders.csv", "NL-2,C2", ",C2", "line 3, column order_id", "is empty"),
        ("orders.csv", ",NLD1", ",NLD1,more", "line 3, column last", "more cells than the header"),
        ("customers.csv", "Ann,Harper", "Ann,", "line 3, column last_name", "is empty"),
        ("tickets.csv", "C1,NL-1", "C2,NL-1", "line 2, column order_id", "is an order of another customer"),
        ("tickets.csv", "T09:00", "T9", "line 2, column opened_at", "is no date"),
        ("order_items.csv", "NL-1,P1,1", "NL-1,P1,0", "line 2, column quantity", "is less than 1"),
        ("order_items.csv", "NL-1,P1", "NL-1,P7", "line 2, column product_id", "is not in products"),
        ("browsing_events.csv", "viewed", "smelt", "line 2, column event", "is none of viewed"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_strictly_nothing_is_imported(
    shop: CustomerStore, tmp_path: Path, file: str, old: str, new: str, place: str, reason: str
) -> None:
    folder = write_shop(tmp_path / "broken", file, old, new)
    message = refused(shop, folder, strict=True)
    assert f"{file}, {place}" in message
    assert reason in message
    assert "import again" in message


def test_the_rest_is_imported_without_the_refused_rows_and_what_refers_to_them(tmp_path: Path) -> None:
    store = CustomerStore(f"sqlite:///{tmp_path}/new.db")
    store.create()
    report = bring(store, write_shop(tmp_path / "shop", "customers.csv", "Ann,Harper", "Ann,"))
    assert store.customer_ids() == ["C1"]
    with store.session() as session:
        assert [order.order_id for order in session.query(models.Order)] == ["NL-1"]
        assert {item.order_id for item in session.query(models.OrderItem)} == {"NL-1"}
    assert report.tables["customers"].refused == 1
    assert report.tables["orders"].refused == report.tables["order_items"].refused == 2


def test_an_optional_cell_that_cannot_be_used_is_emptied_and_told(shop: CustomerStore, tmp_path: Path) -> None:
    report = bring(shop, write_shop(tmp_path / "shop", "customers.csv", "gold,20", "platinum,20"))
    (note,) = report.repaired
    assert str(note).startswith("customers.csv, line 3, column loyalty_level: is none of start, silver, gold")
    assert note.reason.endswith("so it was left empty")


def test_dirty_rows_are_cleaned_and_every_repair_is_told(tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "shop", "customers.csv", "C1,Ирина,Соколова,f", "C1,ИРИНА,Соколова,ж")
    path = folder / "customers.csv"
    lines = path.read_text(encoding="utf-8").replace("+7 000 000-00-02", "8 912 345 67 89").replace("gold", "GOLD")
    twice = lines + lines.splitlines()[1] + "\n"
    path.write_bytes(twice.replace(",", ";").replace("Тихая ул.;", "Тихая ул.,").encode("cp1251"))
    store = CustomerStore(f"sqlite:///{tmp_path}/new.db")
    store.create()
    report = bring(store, folder)
    assert not report.refused
    with store.session() as session:
        irina, ann = session.query(models.Customer).order_by(models.Customer.customer_id)
        assert (irina.first_name, irina.gender, irina.street_address) == ("Ирина", "f", "Тихая ул., 2")
        assert (ann.phone, ann.loyalty_level) == ("+7 912 345-67-89", "gold")
    told = {(note.line, note.column): note.reason for note in report.repaired}
    assert told == {
        (1, "all"): "read as cp1251",
        (2, "first_name"): "capitals put right",
        (2, "gender"): "read as a known code",
        (3, "phone"): "written internationally",
        (3, "loyalty_level"): "read as a known code",
        (4, "first_name"): "capitals put right",
        (4, "gender"): "read as a known code",
        (4, "customer_id"): "repeats line 2 and was left out",
    }


def test_customers_who_share_a_mail_address_are_pointed_out(shop: CustomerStore, tmp_path: Path) -> None:
    report = bring(shop, write_shop(tmp_path / "shop", "customers.csv", "a@mail.example", "I@m.example"))
    (note,) = report.noticed
    assert str(note) == "customers.csv, line 3, column email: is the same as in line 2"


def test_a_report_repeats_no_value(tmp_path: Path, shop: CustomerStore) -> None:
    folder = write_shop(tmp_path / "shop", "customers.csv", "+7 000 000-00-01,i@m.example", "12345,Irina at home")
    told = json.dumps(bring(shop, folder).as_dict(), ensure_ascii=False)
    assert "phone" in told and "12345" not in told and "Irina" not in told


def test_who_was_erased_is_not_brought_back(shop: CustomerStore, tmp_path: Path) -> None:
    with shop.session() as session:
        session.add(models.Erasure(customer_digest=shop.keyring.digest("C1"), erased_at=NOON))
        session.commit()
    report = bring(shop, tmp_path / "shop", replace=True)
    assert shop.customer_ids() == ["C2"]
    assert {note.column for note in report.refused if note.file == "customers.csv"} == {"customer_id"}


@pytest.mark.parametrize("name", [name for name, optional in OWN_FILES.items() if not optional])
def test_a_missing_file_is_named(shop: CustomerStore, tmp_path: Path, name: str) -> None:
    folder = write_shop(tmp_path / "broken")
    (folder / f"{name}.csv").unlink()
    assert f"lacks {name}.csv" in refused(shop, folder)


def test_further_tables_are_read_where_their_files_are(shop: CustomerStore, tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "shop")
    (folder / "payments.csv").write_text("payment_id,order_id,kind,amount,method,paid_at\nX1,NL-1,Payment,8990,card,\n")
    (folder / "preferences.csv").write_text("customer_id,key,value\nC1,length,short\n")
    consent = "customer_id,purpose,given,at,channel,text_version\nC1,memory,yes,2026-11-01,shop,7\n"
    (folder / "consents.csv").write_text(consent)
    bring(shop, folder)
    with shop.session() as session:
        assert session.get(models.Order, "NL-1").payments[0].amount == 8990
        assert session.get(models.Preference, ("C1", "length")).value == "short"
        assert session.query(models.Consent).filter_by(text_version="7").one().given


@pytest.mark.parametrize("header", ["customer_id,name", ""])
def test_a_missing_column_is_named(shop: CustomerStore, tmp_path: Path, header: str) -> None:
    folder = write_shop(tmp_path / "broken")
    (folder / "customers.csv").write_text(header)
    assert "customers.csv, line 1, column" in refused(shop, folder)


def test_every_fault_is_listed_up_to_a_screenful(shop: CustomerStore, tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "broken")
    lines = [SHOP["order_items.csv"][0], *["NL-1,P1,many,8990"] * (SHOWN_FAULTS + 3)]
    (folder / "order_items.csv").write_text("\n".join(lines))
    message = refused(shop, folder, strict=True)
    assert message.count("column quantity") == SHOWN_FAULTS
    assert "and 3 more" in message


def test_a_byte_order_mark_and_line_breaks_in_cells_are_read(shop: CustomerStore, tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "shop", "tickets.csv", "Как вернуть?", '"Как\nвернуть?"')
    path = folder / "tickets.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    bring(shop, folder)
    with shop.session() as session:
        assert session.get(models.Ticket, "T0001").subject == "Как\nвернуть?"


@pytest.mark.parametrize("days", [-400, 0, 37])
def test_moving_shifts_every_date_by_the_same_days(shop: CustomerStore, tmp_path: Path, days: int) -> None:
    before = content(shop)
    shift = dt.timedelta(days)
    bring(shop, tmp_path / "shop", moved_to=DEMO_DAY + shift, replace=True)
    told = ("consents", "data_keys")  # made at the import itself
    moved = {
        table: [tuple(cell + shift if isinstance(cell, dt.date) else cell for cell in row) for row in rows]
        for table, rows in before.items()
        if table not in told
    }
    assert {table: rows for table, rows in content(shop).items() if table not in told} == moved


NESTED_USERS = {"u1": {"name": {"first": "ann"}, "mail": "a@m.example", "orders": [{"n": "#7", "sum": 10.5}]}}
NESTED_MAPPING = """
tables:
  - {table: customers, file: users.json,
     columns: {customer_id: _key, first_name: name.first, last_name: name.last, email: mail, city: town},
     defaults: {last_name: Harper, city: Kazan},
     constants: {language: en, address_form: formal, street_address: ?, consent_memory: false,
                 consent_marketing: false}}
  - {table: orders, file: users.json, rows: "*.orders.*",
     columns: {order_id: n, customer_id: _up._key, total: sum},
     constants: {status: placed, delivery_method: delivery, delivery_address: ?, delivery_cost: 0, paid: true}}
"""


def test_a_mapping_brings_in_nested_json_with_constants_and_defaults(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text(json.dumps(NESTED_USERS))
    (tmp_path / "m.yml").write_text(NESTED_MAPPING.replace(" ?", " '?'"))
    store = CustomerStore(f"sqlite:///{tmp_path}/new.db")
    store.create()
    report = bring(store, tmp_path, mapping=tmp_path / "m.yml")
    assert not report.refused
    with store.session() as session:
        ann = session.get(models.Customer, "u1")
        assert (ann.first_name, ann.last_name, ann.city, ann.gender, ann.points) == (
            "Ann",
            "Harper",
            "Kazan",
            None,
            None,
        )
        assert (ann.orders[0].order_id, float(ann.orders[0].total), ann.orders[0].currency) == ("7", 10.5, "RUB")
