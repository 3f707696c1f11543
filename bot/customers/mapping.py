"""What stands where in a shop's files: a YAML file that maps files to tables and their fields to columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import jmespath
import yaml
from jmespath.exceptions import JMESPathError
from pydantic import BaseModel, Extra, ValidationError, validator

from bot.customers.errors import MappingWrong
from bot.customers.models import Base

MAPPING_FILE = "mapping.yml"  # used where it stands among the files
OWN_FILES = {  # a folder without a mapping; those marked True may be absent
    "customers": False,
    "products": False,
    "orders": False,
    "order_items": False,
    "delivery_events": False,
    "tickets": False,
    "browsing_events": False,
    "payments": True,
    "consents": True,
    "preferences": True,
}


class TableMapping(BaseModel):
    """Where one table's rows come from.

    A column's place is the name of a CSV column, or a JMESPath expression over a JSON record, in which
    ``_key`` is the record's own key or number, ``_up`` the record around it. ``rows`` leads to the records,
    for instance ``*.items.*``; without it a JSON file is a list or mapping of them.
    """

    table: str
    file: str
    rows: str = "*"
    optional: bool = False
    columns: dict[str, str] = {}
    constants: dict[str, Any] = {}
    values: dict[str, dict[str, Any]] = {}  # column: {pattern with * and ?: value}
    defaults: dict[str, Any] = {}  # column: what an empty one means

    class Config:
        extra = Extra.forbid

    @validator("table")
    def _known_table(cls, table: str) -> str:
        if table not in OWN_FILES:
            raise ValueError(f"{table} is none of {', '.join(OWN_FILES)}")
        return table

    @validator("rows")
    def _to_records(cls, rows: str) -> str:
        if rows.split(".")[-1] != "*":
            raise ValueError(f"{rows} must end with *, which stands for each record")
        return rows

    @validator("columns", "constants", "values", "defaults")
    def _known_columns(cls, entries: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        known = set(columns_of(values["table"])) if "table" in values else set(entries)
        if unknown := sorted(set(entries) - known):
            raise ValueError(f"unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        return entries

    @validator("columns")
    def _readable(cls, columns: dict[str, str]) -> dict[str, str]:
        for place in columns.values():
            if not _is_name(place):
                try:
                    jmespath.compile(place)
                except JMESPathError as error:
                    raise ValueError(f"{place!r} is no JMESPath expression: {error}") from error
        return columns


class Mapping(BaseModel):
    """A shop's files as tables, and how its numbers and dates are meant."""

    region: str = "RU"  # of phone numbers without a country code
    date_order: Literal["DMY", "MDY", "YMD"] = "DMY"
    tables: list[TableMapping]

    class Config:
        extra = Extra.forbid


def columns_of(table: str) -> dict[str, Any]:
    """A table's columns that are imported, by name; numbers of rows are the database's own."""
    return {column.name: column for column in Base.metadata.tables[table].columns if column.name != "id"}


def own_mapping() -> Mapping:
    """Files named like the tables, with columns named like theirs."""
    return Mapping(
        tables=[
            TableMapping(
                table=table,
                file=f"{table}.csv",
                optional=optional,
                columns={name: name for name in columns_of(table)},
            )
            for table, optional in OWN_FILES.items()
        ]
    )


def read_mapping(path: Path) -> Mapping:
    """A mapping file.

    Raises:
        MappingWrong: it is missing or malformed; every wrong entry is named.
    """
    try:
        return Mapping.parse_obj(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise MappingWrong(f"There is no mapping file {path}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MappingWrong(f"{path} is not YAML, mend it: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise MappingWrong(f"{path} cannot be used: {faults}.") from error


def mapping_for(folder: Path, path: Path | None) -> Mapping:
    """The mapping that is named, or the folder's own, or that of files named like the tables."""
    if path is None and (folder / MAPPING_FILE).is_file():
        path = folder / MAPPING_FILE
    return read_mapping(path) if path else own_mapping()


def _is_name(place: str) -> bool:
    """Whether it may be a CSV column such as ``E-mail (work)`` rather than an expression."""
    return not any(sign in place for sign in ".[|`'")
