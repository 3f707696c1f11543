"""Bringing an index to another encoder: the same passages, new vectors."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from nlu.encoder import Encoder, Progress
from retrieval.knowledge_base import KnowledgeBase
from retrieval.passage_store import PassageStore
from retrieval.store.index_file import FILE, made_with, single_file

UNFINISHED = ".encoding"


def reencode(folder: Path, encoder: Encoder, progress: Progress | None = None) -> int:
    """Encode an index anew if another encoder made it; how many passages that were, 0 where nothing was to do.

    The new index is made beside the old one and takes its place at the end, so an interruption leaves
    the old one. Earlier versions are not kept: `lichno index rollback` begins anew from here.

    Raises:
        KnowledgeBaseError: another process has the index open, it is damaged, or no space is left.
    """
    maker = made_with(folder)
    if maker in (None, encoder.identity):
        return 0
    fresh = folder.with_name(folder.name + UNFINISHED)
    shutil.rmtree(fresh, ignore_errors=True)
    old = PassageStore(folder, maker)
    base = KnowledgeBase(fresh, encoder)
    with old.reading():
        passages = [stored.passage for ids in old.blocks() for stored in old.passages(ids).values()]
    base.begin(passages, progress)
    base.store.close()
    old.close()
    single_file(folder)
    if passages:
        single_file(fresh)
        os.replace(fresh / FILE, folder / FILE)
    else:
        (folder / FILE).unlink()
    shutil.rmtree(fresh, ignore_errors=True)
    return len(passages)
