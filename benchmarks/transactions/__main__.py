"""120 scripted conversations through the trained demo, each on a customer database of its own.

    python -m benchmarks.transactions [--quote] [--only WORDS]

Prints the share that ended rightly: every reply that matters as wanted, exactly the wanted cells changed, tickets
filed and audit entries written. Then what went wrong in the others. ``--quote`` answers the questions in between with
quotations, which saves half the time; ``--only`` plays the conversations whose names hold the words.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from unittest.mock import patch

import torch
import yaml

import bot.quiet  # noqa: F401
from benchmarks.transactions.play import Shop, play, scripts
from bot.customers.importer import DEMO_FILES, import_folder
from bot.customers.store import CustomerStore
from bot.runtime import Assistant
from bot.settings import ENDPOINTS, Settings, load_settings


def prepare(folder: Path, quote: bool) -> tuple[Shop, Path]:
    """A database of the demo's customers as of today, and the settings that name it."""
    store = CustomerStore(f"sqlite:///{folder}/customers.db")
    store.create()
    with store.session() as session:
        import_folder(session, DEMO_FILES, dt.date.today())
    shutil.copy(folder / "customers.db", folder / "pristine.db")
    options = yaml.safe_load(ENDPOINTS.read_text())
    options["nlg"].update(customers=store.url, codes=f"file:{folder}/letters")
    if quote:
        options["nlg"].update(generation="quote")
    endpoints = folder / "endpoints.yml"
    endpoints.write_text(yaml.safe_dump(options, allow_unicode=True))
    return Shop(store, folder / "pristine.db", folder / "letters"), endpoints


async def main(quote: bool, only: str) -> None:
    """Play and print."""
    with tempfile.TemporaryDirectory() as name:
        shop, endpoints = prepare(Path(name), quote)

        def settings() -> Settings:
            return load_settings(endpoints=endpoints)

        torch.set_num_threads(settings().threads)
        with (
            patch("bot.runtime.ENDPOINTS", endpoints),
            patch("bot.actions.context.load_settings", settings),
            patch("bot.actions.code_step.load_settings", settings),
        ):
            assistant = await Assistant.load()
            played, wrong, started = Counter[str](), Counter[str](), time.monotonic()
            for script in scripts():
                if only not in script.name:
                    continue
                played[script.language] += 1
                faults = await play(script, assistant, shop)
                wrong[script.language] += bool(faults)
                if faults:
                    print(
                        f"{script.language}: {script.name}", *(f"  {fault}" for fault in faults), sep="\n", flush=True
                    )
    total, failed = sum(played.values()), sum(wrong.values())
    for language, count in sorted(played.items()):
        print(f"{language}: {count - wrong[language]} of {count} ended rightly")
    print(f"{1 - failed / max(total, 1):.3f} of {total} ended rightly, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--quote", action="store_true")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.quote, arguments.only))
