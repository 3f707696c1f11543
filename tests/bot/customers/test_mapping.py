from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.customers.errors import ImportRefused, MappingWrong
from bot.customers.mapping import OWN_FILES, columns_of, mapping_for, own_mapping, read_mapping
from bot.customers.models import Base
from bot.customers.reading import read_table

EXAMPLE = Path(__file__).parents[3] / "docs/mappings/retail_customers.yml"
NESTED = {"W1": {"id": "#W1", "lines": [{"sku": "a"}, {"sku": "b"}]}, "W2": {"id": "#W2", "lines": []}}


def test_the_example_can_be_read() -> None:
    assert {part.table for part in read_mapping(EXAMPLE).tables} == {
        "customers", "products", "orders", "order_items", "payments",
    }  # fmt: skip


def test_our_own_files_have_every_column() -> None:
    assert OWN_FILES.keys() <= Base.metadata.tables.keys()
    for part in own_mapping().tables:
        assert part.columns.keys() == columns_of(part.table).keys()


def test_a_folders_own_mapping_is_used_unless_another_is_named(tmp_path: Path) -> None:
    (tmp_path / "mapping.yml").write_text("region: US\ntables: []\n")
    assert mapping_for(tmp_path, None).region == "US"
    assert mapping_for(tmp_path, EXAMPLE).tables
    (tmp_path / "mapping.yml").unlink()
    assert mapping_for(tmp_path, None) == own_mapping()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("tables: [{table: users, file: u.csv}]", "users is none of customers"),
        ("tables: [{table: orders, file: o.csv, columns: {colour: x}}]", "unknown colour; known are"),
        ("tables: [{table: orders, file: o.csv, columns: {total: 'a['}}]", "no JMESPath expression"),
        ("tables: [{table: orders, file: o.csv, rows: '*.items'}]", "must end with"),
        ("tables: [{table: orders, file: o.csv, shape: round}]", "extra fields"),
        ("date_order: YDM\ntables: []", "date_order"),
        ("region: [", "is not YAML"),
        ("", "cannot be used"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "m.yml"
    path.write_text(text)
    with pytest.raises(MappingWrong, match="m.yml") as error:
        read_mapping(path)
    assert named in str(error.value)


def test_a_missing_mapping_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingWrong, match="no mapping file"):
        read_mapping(tmp_path / "none.yml")


def test_records_within_records_know_what_is_around_them(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(NESTED))
    lines = read_table(path, "*.lines.*").records
    assert [(r.field("_up.id"), r.field("_up._key"), r.field("_key"), r.field("sku")) for r in lines] == [
        ("#W1", "W1", 1, "a"),
        ("#W1", "W1", 2, "b"),
    ]
    assert [record.field("_key") for record in read_table(path, "*").records] == ["W1", "W2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r", "cp866"])
def test_text_in_any_likely_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    rows = "\n".join(f"{n};Покупатель живёт в городе Москва, улица Тихая, дом {n}" for n in range(30))
    path = tmp_path / "t.csv"
    path.write_bytes(f"номер;адрес\n{rows}\n".encode(encoding))
    table = read_table(path, "*")
    assert table.records[3].field("адрес") == "Покупатель живёт в городе Москва, улица Тихая, дом 3"
    assert (table.encoding is None) == encoding.startswith("utf-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(delimiter.join("abc") + "\n" + delimiter.join("123") + "\n")
    assert read_table(path, "*").records[0].fields == {"a": "1", "b": "2", "c": "3"}


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [("t.json", b"{", "t.json is not JSON"), ("t.csv", b"a,b\n1,\x00\n", "t.csv, line .*not CSV")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, named: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImportRefused, match=named):
        read_table(tmp_path / name, "*")
