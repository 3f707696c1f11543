"""``lichno customers``: the customer store."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.chat import at_a_terminal
from bot.cli.prepare import console, import_customers
from bot.customers.facts import facts_of
from bot.customers.importer import ImportReport
from bot.customers.person import spoken_name
from bot.customers.rotation import rotate_key
from bot.customers.store import CustomerStore, get_customer
from bot.privacy.conversations import Conversations
from bot.privacy.erasure import NotErased, Places, erase
from bot.privacy.export import as_page, export
from bot.privacy.retention import expire
from bot.settings import load_settings
from nlu.encoder import shared_encoder
from retrieval.profile_memory import ProfileMemory

LOGS = Path("var")  # where a log may lie
RECEIPTS = Path("var/erasures")

app = typer.Typer(help="The customer store.", no_args_is_help=True)

AS_JSON = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
CUSTOMER = Annotated[str, typer.Argument(help="The customer's id.")]


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(help="Folder with the files: customers.csv, orders.csv and so on.")],
    mapping: Annotated[
        Path | None, typer.Option(help="YAML file that says which file and field is which table and column.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write every repair and refusal there, as JSON.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Empty the store first, the assistant's tickets too.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Import nothing if a row must be refused.")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Replace all by the demo, its dates moved so that its day is today.")
    ] = False,
    as_json: AS_JSON = False,
) -> None:
    """Clean the files' rows and bring them into the store; what is not in the files stays."""
    moved_to = dt.date.today() if demo else None
    options = {"mapping": mapping, "replace": replace or demo, "strict": strict}
    done = import_customers(load_settings(), folder, moved_to, quiet=as_json, **options)
    if report:
        report.write_text(json.dumps(done.as_dict(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if as_json:
        print(json.dumps(done.as_dict(), ensure_ascii=False))
    else:
        _summarise(done)


def _summarise(report: ImportReport) -> None:
    for table, counts in report.tables.items():
        parts = [f"{n} {what}" for what, n in vars(counts).items() if n]
        console.print(f"{table.replace('_', ' ')}: {', '.join(parts) or 'none'}", highlight=False)
    for title, notes in (("Repaired", report.repaired), ("Refused", report.refused), ("To look at", report.noticed)):
        for (file, column, reason), n in Counter((n.file, n.column, n.reason) for n in notes).most_common(10):
            console.print(f"{title}: {file}, {column}: {reason} ({n})", markup=False, highlight=False)


@app.command()
def show(
    customer: Annotated[str | None, typer.Argument(help="A customer's id; without it all ids are listed.")] = None,
    as_json: AS_JSON = False,
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


@app.command("rotate-key")
def rotate_key_() -> None:
    """Wrap every customer's key under a new master key; the data itself need not be written anew."""
    console.print(rotate_key(CustomerStore(load_settings().customers)), markup=False)


@app.command("export")
def export_(
    customer: CUSTOMER,
    html: Annotated[Path | None, typer.Option(help="Write a page to read there.")] = None,
    json_: Annotated[Path | None, typer.Option("--json", help="Write JSON there.")] = None,
) -> None:
    """All that is held of a customer: rows, facts, conversations. Without an option JSON is printed."""
    store = CustomerStore(load_settings().customers)
    found = export(store, Conversations.of_project(), customer, dt.datetime.now())
    text = json.dumps(found, ensure_ascii=False, indent=2, default=str) + "\n"
    if html:
        html.write_text(as_page(found), encoding="utf-8")
    if json_:
        json_.write_text(text, encoding="utf-8")
    if not (html or json_):
        print(text, end="")


@app.command("erase")
def erase_(
    customer: CUSTOMER,
    receipt: Annotated[Path | None, typer.Option(help="Write the receipt there; otherwise into var/erasures.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
) -> None:
    """Erase a customer everywhere, prove that nothing is left, and write a receipt without anything personal."""
    settings = load_settings()
    store = CustomerStore(settings.customers)
    with store.session() as session:
        get_customer(session, customer)
    if not yes and at_a_terminal():
        typer.confirm(f"Erase all that is held of {customer}, for good?", abort=True)
    memory = ProfileMemory(shared_encoder(settings.encoder), Path(settings.profiles))
    logs = tuple(sorted(LOGS.glob("*.log")))
    now = dt.datetime.now()
    done = erase(Places(store, memory, Conversations.of_project(), logs), customer, now)
    path = receipt or RECEIPTS / f"{now:%Y%m%d-%H%M%S}-{done.customer_digest[:8]}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(done.as_dict(), indent=2) + "\n", encoding="utf-8")
    if not done.proven:
        where = ", ".join(name for name, count in done.found.items() if count) or "the profile index"
        raise NotErased(f"Erased, but something of the customer is still in {where}: {path} has the counts.")
    console.print(
        f"Erased {sum(done.rows.values())} rows, {done.conversations} conversations and {done.vectors} vectors in"
        f" {done.seconds:.1f} s; none of {done.values} values is found any more. Receipt: {path}",
        soft_wrap=True,
    )


@app.command("expire")
def expire_(as_json: AS_JSON = False) -> None:
    """Delete what is older than the terms in endpoints.yml: conversations, closed tickets, visits and so on."""
    settings = load_settings()
    deleted = expire(CustomerStore(settings.customers), Conversations.of_project(), settings, dt.datetime.now())
    if as_json:
        print(json.dumps(deleted))
        return
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in deleted.items())
    console.print(f"Deleted {told}" if told else "Nothing expires: every term is 0.")
