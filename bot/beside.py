"""Work that waits for a database or a file, beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def beside(work: Callable[..., T], *arguments: Any) -> T:
    """Done in a thread, so that others' messages go on."""
    return await asyncio.get_running_loop().run_in_executor(None, work, *arguments)
