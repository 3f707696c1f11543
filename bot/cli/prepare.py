"""Making what is missing: base models, decoder, demo customers, index, dialogue model."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from bot.customers.importer import DEMO_FILES, ImportReport, import_folder
from bot.customers.person import person_of
from bot.customers.store import CustomerStore
from bot.dialogue_model import latest_model
from bot.evaluation.card import write_card
from bot.settings import Settings
from nlu.base_models import BASE_MODELS, CHECKSUMS, ENCODER, MODELS, ensure
from nlu.encoder import Encoder, shared_encoder
from nlu.errors import LichnoError
from retrieval.documents import DocumentError
from retrieval.fact_kinds import FactKinds
from retrieval.knowledge_base import KnowledgeBase, UpdateReport
from retrieval.loaders import load_documents
from retrieval.profile_memory import ProfileMemory
from retrieval.reencode import reencode

ARTICLES = Path("training_data/knowledge")
TRAINED_FROM = (
    "config.yml",
    "domain.yml",
    "training_data/nlu",
    "training_data/told",
    "training_data/rules",
    "training_data/stories",
)

console = Console(soft_wrap=True)


class TrainingFailed(LichnoError):
    """Rasa's training ended with an error."""


@contextlib.contextmanager
def counting(title: str, quiet: bool = False) -> Iterator[tuple[Progress, TaskID]]:
    """A progress bar of unknown length until its total is set; ``quiet`` where a program reads the output."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        yield progress, progress.add_task(title, total=None)


def prepare_models() -> None:
    """Base models, and the decoder made from one of them."""
    from bot.generation.build import AdaptedDecoder

    for model in BASE_MODELS:
        with console.status(f"{model.title}: checking, building if missing"):
            built = ensure(model)
        console.print(f"{model.title}: {'built' if built else 'ready'}")
    decoder = AdaptedDecoder()
    with console.status("Decoder: checking, converting if missing"):
        built = not decoder.is_current()
        if built:
            with contextlib.redirect_stderr(io.StringIO()):
                decoder.build()
    console.print(f"Decoder: {'built' if built else 'ready'}")


def prepare_customers(settings: Settings) -> None:
    """The demo's customers where there is no database yet, their dates moved to today."""
    store = CustomerStore(settings.customers)
    if store.exists():
        store.create()
        console.print("Customers: ready")
        return
    tables = import_customers(settings, DEMO_FILES, dt.date.today()).tables
    console.print(f"Customers: imported {tables['customers'].added} with {tables['orders'].added} orders")


def import_customers(
    settings: Settings, folder: Path, moved_to: dt.date | None, quiet: bool = False, **options: Any
) -> ImportReport:
    """Import a folder's files and encode every customer's facts; ``options`` are those of :func:`import_folder`."""
    store = CustomerStore(settings.customers)
    store.create()
    with store.session() as session:
        report = import_folder(session, folder, moved_to, **options)
    memory = ProfileMemory(shared_encoder(settings.encoder), Path(settings.profiles))
    people = [person_of(store, customer, dt.date.today()) for customer in store.customer_ids()]
    with counting("Encoding the customers' facts", quiet) as (progress, task):
        progress.update(task, total=sum(len(person.facts) for person in people))
        for person in people:
            assert person.customer_id is not None
            memory.update(person.customer_id, person.facts, person.language, lambda n: progress.advance(task, n))
    return report


def index_articles(
    settings: Settings, paths: list[Path], columns: Mapping[str, str] | None = None
) -> tuple[UpdateReport, list[DocumentError]]:
    """Index files and folders; what could not be read comes back beside the report.

    ``columns`` are those of tables of questions, as :func:`load_documents` takes them.
    """
    failed: list[DocumentError] = []
    documents = list(load_documents(paths, failed, columns))
    base = KnowledgeBase(Path(settings.knowledge), shared_encoder(settings.encoder))
    with counting("Encoding passages and sentences") as (progress, task):
        report = base.update(documents, lambda n: progress.advance(task, n))
    return report, failed


def prepare_knowledge(settings: Settings) -> None:
    """The demo's articles where the index is empty, and changes to them; all anew where the encoder is another."""
    with counting("Encoding the index anew") as (progress, task):
        encoded = reencode(Path(settings.knowledge), Encoder(settings.encoder), lambda n: progress.advance(task, n))
    if encoded:
        console.print(f"Knowledge base: {encoded} passages encoded anew, since the encoder is another")
    report, failed = index_articles(settings, [ARTICLES])
    for error in failed:
        console.print(str(error), style="yellow", markup=False)
    changed = report.added + report.changed
    console.print(f"Knowledge base: {f'indexed {changed} articles' if changed else 'ready'}")


def prepare_fact_kinds(settings: Settings, quiet: bool = False) -> None:
    """What is asked about a customer, learned from the written questions where that has not been done."""
    kinds = FactKinds(shared_encoder(settings.encoder), Path(settings.facts), Path(settings.profiles))
    with counting("Learning what is asked about customers", quiet) as (progress, task):
        kinds.prepare(lambda n: progress.advance(task, n))
    if not quiet:
        console.print("Questions about customers: ready")


def train_dialogue(force: bool = False) -> None:
    """Rasa's training of understanding and dialogue, unless a model is newer than its data.

    Raises:
        TrainingFailed: Rasa said no; its words are in the message.
    """
    trained = max((path.stat().st_mtime for path in MODELS.glob("*.tar.gz")), default=0.0)
    other_encoder = trained < _newest((str(ENCODER / CHECKSUMS),))
    if not force and not other_encoder and trained > _newest(TRAINED_FROM):
        console.print("Dialogue model: ready")
        return
    console.print("Dialogue model: training, three to ten minutes")
    command = [sys.executable, "-W", "ignore", "-m", "rasa", "train", "--data", "training_data", "--out", str(MODELS)]
    if other_encoder:
        command.append("--force")  # Rasa's cache knows the encoder by its name only
    log = Path("var/train.log")
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as stream, console.status("Fine-tuning the intent model and training the policies"):
        code = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, check=False).returncode
    if code:
        raise TrainingFailed(f"Training failed; {log} tells why: mend the training data and run `lichno train` again.")
    write_card(latest_model())
    console.print("Dialogue model: trained")


def _newest(paths: tuple[str, ...]) -> float:
    files = [file for path in map(Path, paths) for file in (path.rglob("*") if path.is_dir() else [path])]
    return max((file.stat().st_mtime for file in files if file.is_file()), default=0.0)


def prepare(settings: Settings) -> None:
    """Everything that answering needs."""
    import torch

    torch.set_num_threads(settings.threads)
    prepare_models()
    train_dialogue()
    prepare_knowledge(settings)
    prepare_customers(settings)
    prepare_fact_kinds(settings)
