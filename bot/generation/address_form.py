"""Whether a Russian sentence says ты or вы to the customer."""

from __future__ import annotations

import re

from bot.generation.prompt import INFORMAL

# Pronouns, and of the verbs those whose form nothing else has: not "лишь", nor "в интернете".
_TY = re.compile(
    r"\b(?:ты|теб[еяё]|тобой|тво(?:й|я|[её]|и|его|ему|ей|ю|им|их|ими|[её]м)|(?!лишь\b|тишь\b|брешь\b)\w{2,}[еи]шь(?:ся)?)\b",
    re.IGNORECASE,
)
_VY = re.compile(
    r"\b(?:вы|вас|вам|вами|ваш(?:а|е|и|его|ему|ей|у|им|их|ими|ем)?|(?:с|по)?можете|хотите|получите)\b", re.IGNORECASE
)
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")


def says_otherwise(sentence: str, form: str) -> bool:
    """Whether the sentence addresses the customer in the other form than theirs; names in quotation marks do not."""
    other = _VY if form == INFORMAL else _TY
    return bool(other.search(_QUOTED.sub("", sentence)))
