"""Words that tell apart what a vector, drawn to the product and its fault, takes for the same question."""

from __future__ import annotations

import re

CUES = {
    name: re.compile(r"\b(?:" + "|".join(words) + ")", re.IGNORECASE)
    for name, words in {
        "wrote to the shop": (
            r"спрашива|писала?\b|написала?\b|просила?\b|попросила?\b|жалова|обращал|обратил|обращени|заявк|сообщ[аи]л",
            r"интересовал|задавал",
            r"asked|wrote|complain|reported|report\b|contacted|requested|request\b|told you|ticket",
        ),
        "basket": (r"корзин", r"basket|cart\b"),
        "saved for later": (r"избранн|отлож|спис\w+ желаний", r"wish-?list|saved|favourites|for later"),
        "opened": (
            r"(?:вс|от)кры[лт]|вскры|распечатал|распаковал|послушал|примерил|пользовал",
            r"opened|unsealed|wore|worn|tried",
        ),
        "never opened": (
            r"не\s(?:вскры|откры|распак|распеч|пользов|трога)|нераспеч|нераспак|запечатан|закрыта",
            r"в (?:плёнке|упаковке|коробке)",
            r"sealed|unopened|untouched|unused|in (?:its|the|their) box",
            r"(?:never|not|haven't)\s(?:\w+\s){0,2}(?:opened|used|unpacked|left)",
        ),
        "money": (r"деньг|денег|деньжат|возврат средств", r"money|refund|reimburs"),
        "points": (r"балл|бонус|кешб[эе]к|кэшб[эе]к", r"points?\b|bonus|cashback"),
        "cash": (r"налич|купюр", r"(?:in )?cash\b|banknotes"),
        "workshop": (r"мастерск|сервисн|мастер\b|мастера\b|инженер", r"workshop|service cent|engineer|technician"),
        "in a hurry": (
            r"экспресс|срочн|день в день|за (?:пару|три|несколько) час",
            r"express|same[- ]day|rush|within (?:a few |three )?hours",
        ),
    }.items()
}


def cues_in(text: str) -> list[bool]:
    """Which of the cues a question holds, in their order."""
    return [bool(cue.search(text)) for cue in CUES.values()]
