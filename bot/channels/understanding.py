"""Understanding beside the event loop, where Rasa would do it while everybody else's messages wait."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rasa.core.channels.channel import UserMessage

_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="understand")  # the pipeline was made for one at a time


async def understand(agent: Any, message: UserMessage) -> None:
    """Put into the message what Rasa's pipeline makes of it; Rasa then does not do it again.

    Args:
        agent: Rasa's.
        message: as it came in; its ``parse_data`` is set.
    """

    def parse() -> Any:
        return asyncio.run(agent.processor.parse_message(message))  # a coroutine that waits for nothing

    message.parse_data = await asyncio.get_running_loop().run_in_executor(_worker, parse)
