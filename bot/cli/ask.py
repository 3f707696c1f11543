"""``lichno ask``: one question through the whole way."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer

from bot.cli.prepare import console


def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    customer: Annotated[str | None, typer.Option(help="Ask as this customer; otherwise as a visitor.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reply with its evidence as JSON.")] = False,
) -> None:
    """Answer one question and show what the answer rests on."""
    from bot.customers.store import CustomerStore, get_customer
    from bot.runtime import Assistant, Exchange
    from bot.settings import load_settings

    if customer:
        with CustomerStore(load_settings().customers).session() as session:
            get_customer(session, customer)

    async def answer() -> Exchange:
        return await (await Assistant.load()).ask(text, customer)

    exchange = asyncio.run(answer())
    if as_json:
        print(json.dumps(exchange.as_dict(), ensure_ascii=False, indent=2))
        return
    console.print(exchange.reply, markup=False)
    for fact in exchange.as_dict()["facts"]:
        console.print(f"  of you: {fact['text']}", style="dim", markup=False)
