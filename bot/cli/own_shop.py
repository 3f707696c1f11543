"""An assistant on one's own articles and customers, in a folder that is thrown away afterwards."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

from bot.cli.prepare import counting, import_customers, prepare_fact_kinds
from bot.customers.store import CustomerStore
from bot.evaluation.questions import Question, QuestionsError, unknown_articles
from bot.grounds import build_answerer
from bot.nlg import GroundedResponseGenerator
from bot.settings import QUOTE, Settings, load_settings
from retrieval.documents import DocumentError
from retrieval.knowledge_base import KnowledgeBase
from retrieval.loaders import load_documents

DOMAIN = Path("domain.yml")


@dataclass
class OwnShop:
    """The assistant's way from a question to a reply, on other articles; ``doubts`` tell what could not be used."""

    generator: GroundedResponseGenerator
    knowledge: KnowledgeBase
    articles: int
    doubts: list[str]


def own_shop(
    folder: Path, knowledge: Path, customers: Path | None, questions: Sequence[Question], quote: bool, quiet: bool
) -> OwnShop:
    """Index the articles and import the customers into the folder; everything else is the project's.

    ``quote`` sends what is chosen word for word.

    Raises:
        QuestionsError: a question is of a customer who is not there.
        LichnoError: articles or customers cannot be used.
    """
    project = load_settings()
    settings = replace(
        project,
        generation=QUOTE if quote else project.generation,
        knowledge=str(folder / "knowledge"),
        customers=f"sqlite:///{folder / 'customers.db'}",
        profiles=str(folder / "profiles"),
    )
    if customers:
        import_customers(settings, customers, None, quiet)
    _check_customers(settings, customers, questions)
    if any(question.customer for question in questions):
        prepare_fact_kinds(settings, quiet)  # not while the first question waits
    failed: list[DocumentError] = []
    documents = list(load_documents([knowledge], failed))
    answerer = build_answerer(settings)
    with counting("Indexing", quiet) as (progress, task):
        answerer.knowledge.update(documents, lambda texts: progress.update(task, advance=texts))
    options = {key: value for key, value in asdict(settings).items() if key != "encoder"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Rasa's reminder that slots no longer fill themselves
        generator = GroundedResponseGenerator(EndpointConfig(**options), Domain.load(str(DOMAIN)), answerer)
    doubt = unknown_articles(questions, [document.id for document in documents])
    return OwnShop(generator, answerer.knowledge, len(documents), [*map(str, failed), *([doubt] if doubt else [])])


def _check_customers(settings: Settings, folder: Path | None, questions: Sequence[Question]) -> None:
    known = set(CustomerStore(settings.customers).customer_ids()) if folder else set()
    unknown = sorted({question.customer for question in questions if question.customer} - known)
    if unknown:
        raise QuestionsError(
            f"No customer has the id {', '.join(unknown[:3])}: give the folder of their files with --customers."
        )
