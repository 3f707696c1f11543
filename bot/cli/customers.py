"""``lichno customers``: the customer store."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.prepare import console, import_customers
from bot.customers.facts import facts_of
from bot.customers.person import spoken_name
from bot.customers.store import CustomerStore, get_customer
from bot.settings import load_settings

app = typer.Typer(help="The customer store.", no_args_is_help=True)


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(help="Folder with customers.csv, orders.csv and the other files.")],
    demo: Annotated[bool, typer.Option("--demo", help="Move the demo's dates so that its day is today.")] = False,
) -> None:
    """Replace the store's content by CSV files: all of it, or nothing."""
    counts = import_customers(load_settings(), folder, dt.date.today() if demo else None)
    console.print("Imported " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))


@app.command()
def show(
    customer: Annotated[str | None, typer.Argument(help="A customer's id; without it all ids are listed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """The facts that the assistant knows of a customer."""
    store = CustomerStore(load_settings().customers)
    if customer is None:
        ids = store.customer_ids()
        print(json.dumps(ids)) if as_json else console.print(", ".join(ids))
        return
    with store.session() as session:
        row = get_customer(session, customer)
        facts = facts_of(row, dt.date.today())
        if as_json:
            values = [{"kind": fact.kind, "text": fact.text(str(row.language))} for fact in facts]
            print(json.dumps({"customer_id": customer, "name": spoken_name(row), "facts": values}, ensure_ascii=False))
            return
        console.print(f"{spoken_name(row)} ({row.language}, {row.address_form})", markup=False)
        for fact in facts:
            console.print(f"  {fact.kind}: {fact.text(str(row.language))}", markup=False)
