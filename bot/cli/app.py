"""The commands in one place, in the order in which a newcomer meets them."""

from __future__ import annotations

import typer

from bot.cli import ask, chat, customers, doctor, evaluate, index, telegram, token, train, up

app = typer.Typer(
    help="Lichno: a self-hosted support assistant that knows whom it is talking to.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("up")(up.up)
app.command("ask")(ask.ask)
app.command("chat")(chat.chat)
app.command("train")(train.train)
app.add_typer(index.app, name="index")
app.add_typer(evaluate.app, name="eval")
app.add_typer(customers.app, name="customers")
app.add_typer(telegram.app, name="telegram")
app.command("token")(token.token)
app.command("doctor")(doctor.doctor)
