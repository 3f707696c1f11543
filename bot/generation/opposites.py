"""Words by which two sentences that look alike differ: opposites, members of one kind, bounds, conditions.

Lists of the language, not of a shop's articles. A word is written as its beginning; one of three letters or
fewer is meant whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# One stands for the other's opposite.
_OPPOSITES = [
    tuple(side.split() for side in pair.split("|"))
    for pair in (
        "бесплатн даром безвозмездн|платн плат стоит стоят стоим оплачив доплат",
        "открыт работа|закрыт",
        "включен включаем входит входят|отдельн сверх дополнительн",
        "можно можете можешь может могут получится возможн вправе разреш|нельзя невозможн запрещ",
        "нужн надо обязательн необходим придется должн требу|необязательн",
        "до перед|после",
        "раньше ранее|позже позднее",
        "больше более свыше дороже выше старше дольше|меньше менее дешевле ниже младше",
        "уже|еще пока",
        "все всех всем всегда любо кажд|никогда никако никто",
        "вместе|без",
        "первы|последн",
        "внутри|снаружи",
        "сначала заранее|затем потом",
        "новы нового новую|стары старого старую",
        "free gratis|charge charged paid cost costs fee surcharge",
        "open|closed close closes",
        "included include includes including|extra separately excluded",
        "before until till|after",
        "earlier sooner|later",
        "more over above longer older|less under below fewer shorter younger",
        "already|yet",
        "always every any each all|never no none",
        "with|without",
        "allowed permitted possible|forbidden prohibited banned impossible",
        "cheaper|dearer expensive",
        "must need needs required|optional",
        "first|last",
        "inside|outside",
        "new|old",
    )
]
# Of each line one cannot stand for another.
_KINDS = [
    line.split()
    for line in (
        "минут час дня дней день сутк суток недел месяц год лет",
        "руб процент ₽ % евро доллар",
        "понедельник вторник сред четверг пятниц суббот воскресен",
        "утр вечер ноч днем",
        "январ феврал март апрел мая май июн июл август сентябр октябр ноябр декабр",
        "паспорт чек договор полис квитанц справк удостоверен",
        "наличн карт перевод",
        "почт курьер телефон приложен сайт офис",
        "первы втор трет четверт пяты",
        "взросл дет ребен пенсион студент школьн",
        "minute hour day week month year",
        "rouble rubl per ₽ % euro dollar",
        "monday tuesday wednesday thursday friday saturday sunday",
        "morning evening night afternoon",
        "january february march april may june july august september october november december",
        "passport receipt contract policy certificate licence",
        "cash card transfer",
        "post courier phone app website office",
        "first second third fourth fifth",
        "adult child pensioner student schoolchild",
    )
]
_ABOVE = frozenset(  # what follows or precedes is the most, or the latest
    "до перед раньше ранее меньше менее дешевле ниже младше максимум until till before by within under below less fewer"
    " earlier maximum most up".split()
)
_BELOW = frozenset(  # the least, or the earliest
    "после больше более свыше дороже выше старше позже позднее минимум after over above more longer older later beyond"
    " minimum least".split()
)
_NO = frozenset("не no not".split())
BEFORE, AFTER = 3, 3  # words around a number among which its bound stands
_CONDITION = re.compile(
    r"\b(?:если|когда|кроме|пока|при условии|за исключением|помимо|без|при"
    r"|if|unless|except|as long as|provided|once|when|apart from|without|until)\b[^,.;:]*",
    re.IGNORECASE,
)


def opposed(claim: Sequence[str], evidence: Sequence[Sequence[str]], question: Sequence[str]) -> int:
    """How many pairs the claim has one side of and the evidence the other alone."""
    known = [word for words in evidence for word in words]
    count = 0
    for left, right in _OPPOSITES:
        for own, other in ((left, right), (right, left)):
            said = _any(claim, own) and not _any(claim, other)
            count += said and _any(known, other) and not _any(known, own) and not _any(question, own)
    return count


def kinds_of(claim: Sequence[str], everything: Sequence[Sequence[str]], near: Sequence[Sequence[str]]) -> float:
    """Members of a kind that are in the claim and nowhere in the evidence, or only far from what supports it.

    One that is nowhere counts 1, and 2 where another one of its kind stands near; one that is elsewhere a half.
    """
    count = 0.0
    for kind in _KINDS:
        said, known, by = _members(claim, kind), _members(sum(map(list, everything), []), kind), None
        if not said:
            continue
        by = _members(sum(map(list, near), []), kind)
        for member in said - by:
            count += (1.0 + bool(by)) if member not in known else 0.5 * bool(by)
    return count


def relation(words: Sequence[str], place: int) -> set[str]:
    """Whether the number at a place is a bound from above or from below, or both as a range."""
    found = set()
    for i in range(max(0, place - BEFORE), min(len(words), place + AFTER + 1)):
        if i != place and (words[i] in _ABOVE or words[i] in _BELOW):
            denied = i > 0 and words[i - 1] in _NO
            found.add("above" if (words[i] in _ABOVE) != denied else "below")
    return found


def conditions(sentence: str) -> list[tuple[int, int]]:
    """Where the sentence's conditions and exceptions stand."""
    return [match.span() for match in _CONDITION.finditer(sentence)]


def _any(words: Sequence[str], beginnings: Sequence[str]) -> bool:
    return any(_begins(word, beginning) for word in words for beginning in beginnings)


def _members(words: Sequence[str], kind: Sequence[str]) -> set[str]:
    return {member for member in kind for word in words if _begins(word, member)}


def _begins(word: str, beginning: str) -> bool:
    return word == beginning or (len(beginning) > 3 and word.startswith(beginning))
