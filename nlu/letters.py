"""What Russian and English look like by their letters and by their commonest words.

The letter statistics are the profiles that langdetect ships: how often each run of one to three
letters occurs in a language's Wikipedia. langdetect itself compares 55 languages, for which a short
text is not enough; between two languages the same numbers decide a single word, in microseconds.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log
from pathlib import Path

WORDS_SHARE = 0.1  # of the letters: what the common words weigh against the profile
UNSEEN = 2e-5  # the share of a letter that the profile has never seen
ENGLISH_LETTERS = "abcdefghijklmnopqrstuvwxyz"
RUSSIAN_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"

# Words so common in messages that one of them is evidence.
ENGLISH_WORDS = frozenset(
    "hi hello hey bye goodbye thanks thank thx ty please pls plz yes no yeah yep nope ok okay sure the my mine is are"
    " am was were where what when who which how why can could would will should you your we our it its this that there"
    " and or but not do does did don't didn't isn't can't to of in on at for from with about me i'm i've order orders"
    " help refund refunds return returns delivery deliver delivered cancel cancelled agent human operator payment pay"
    " paid price cost track tracking status warranty receipt invoice address change sorry wrong broken lost late money"
    " item items parcel package card have has had need want get got still any more much many long good bad great nice"
    " stop wait now today tomorrow yesterday never nothing something anyone someone hours store shop phone laptop case"
    " charger cable battery screen headphones discount shipping courier pickup exchange buy send sent work works"
    " working doesn't won't info details number name account password email call write talk speak person support cool"
    " perfect fine right left new old free size color colour big small all done back again"
    " if he she they them him his her been by as so up out then than too very here there some"
    " into over go going let see make give take just only also let's vs check show tell find open turn set slow"
    " i i'd i'll u r uh like he's it's that's text".split()
)
RUSSIAN_WORDS = frozenset(  # ё written as е
    "привет здравствуйте здрасте прив добрый доброе день утро вечер пока до свидания спасибо спс благодарю пожалуйста"
    " пж плиз да нет неа ага ок окей ладно хорошо понятно ясно где когда как что кто почему зачем сколько какой какая"
    " какие куда откуда можно нужно надо хочу могу есть это этот эта эту эти этого этой ты"
    " тебя твой мой моя мое мою мои моего моей мне меня мной вас вам"
    " вы ваш нас нам мы он она они его ее их не ни на за по от для или если уже еще тоже только очень заказ заказа"
    " заказы заказов заказе заказу доставка доставки доставку доставят оплата оплату оплатить деньги возврат возврата"
    " вернуть верните отмена отменить отмените отменяйте помогите помощь оператор оператора человек человека статус"
    " адрес чек гарантия гарантию цена стоит товар посылка посылку курьер курьера курьером телефон ноутбук наушники"
    " чехол зарядка купить работает работаете сломался сломалась пришел пришла пришло придет привезут привезли жду"
    " сегодня завтра вчера магазин скидка скидки самовывоз карта картой номер подскажите скажите позовите нужен нужна"
    " алло але ало жалоба поменять изменить срочно быстро долго дорого плохо супер отлично класс был была были будет"
    " открой откройте покажи покажите отправьте отправить пришлите проверьте проверить сделайте сделать закажу заказать"
    " напишите написать позвоните перезвоните звонить оформить оформите узнать получить получил получила забрать"
    " поменяйте уточните сообщите объясните расскажите дайте дай идет едет ждать стоимость купила купил оплатил"
    " оплатила заказал заказала пришлось думаю люблю знаю понимаю буду будете другой другую новый новую деньги"
    " почта пароль все ничего никто никак потом сейчас щас ща че тут там так то же бы ли у с к в о и а но я".split()
)
# Names that say nothing of the sentence around them.
BRANDS = frozenset(
    "acer airpods alexa amazon android apple asus beats bluetooth bosch bose braun canon casio dell dyson ebay epson"
    " facebook fitbit fujifilm galaxy garmin gmail google gopro honor hp htc huawei hdmi ikea imac instagram intel ipad"
    " iphone ipod jabra jbl kindle lego lenovo lg logitech macbook marshall mastercard max meizu mi microsoft miele"
    " mini mir motorola msi nikon nintendo nokia nvidia oneplus oppo oral panasonic paypal philips pixel playstation"
    " plus poco polar powerbank pro ps qiwi razer realme redmi roborock samsung sandisk sbp sennheiser sony spotify"
    " steam telegram tesla toshiba tp-link ultra usb viber visa vivo whatsapp wifi windows xbox xiaomi yandex youtube"
    " zte".split()
)


class LetterModel:
    """How probable a word is in a language: each letter by the two before it, by fewer where those are rare."""

    def __init__(self, counts: Mapping[str, float]) -> None:
        """``counts`` says how often each run of one to three letters occurs; a space is a word's edge."""
        self._followed: dict[str, float] = defaultdict(float)
        for run, count in counts.items():
            self._followed[run[:-1]] += count
        self._counts = {**counts, " ": self._followed[" "]}  # as many edges as words' beginnings
        self._letters = sum(count for run, count in self._counts.items() if len(run) == 1)
        self._log_share = lru_cache(maxsize=65_536)(self._uncached_log_share)

    def score(self, word: str) -> float:
        """The natural logarithm of a lower-case word's probability, its end included."""
        edged = f" {word} "
        return sum(self._log_share(edged[max(0, at - 2) : at + 1]) for at in range(1, len(edged)))

    def _uncached_log_share(self, run: str) -> float:
        """The last letter's share of what may follow the others."""
        share = max(self._counts.get(run[-1], 0.0) / self._letters, UNSEEN)
        for start in range(len(run) - 2, -1, -1):
            share = self._given(run[start:-1], run[start:], share)
        return log(share)

    def _given(self, context: str, run: str, otherwise: float) -> float:
        """The share of ``run`` among what follows its context; where the profile is silent, by ``otherwise``."""
        seen = self._followed.get(context, 0.0)
        # A profile keeps frequent runs only: a context's own count tells how much of its continuation was cut off.
        total = max(self._counts.get(context, 0.0), seen) + self._letters * UNSEEN
        return (self._counts.get(run, 0.0) + (total - seen) * otherwise) / total


@lru_cache(maxsize=1)
def english() -> LetterModel:
    """The letters of English."""
    return LetterModel(with_words(profile(ENGLISH_LETTERS, "en"), ENGLISH_WORDS))


@lru_cache(maxsize=1)
def russian() -> LetterModel:
    """The letters of Russian, ё written as е."""
    return LetterModel(with_words(profile(RUSSIAN_LETTERS, "ru"), RUSSIAN_WORDS))


def profile(letters: str, language: str) -> dict[str, float]:
    """langdetect's counts for a language, in lower case, of the runs that have no other letters."""
    from langdetect.detector_factory import PROFILES_DIRECTORY

    counts: dict[str, float] = defaultdict(float)
    text = (Path(PROFILES_DIRECTORY) / language).read_text(encoding="utf-8")
    for run, count in json.loads(text)["freq"].items():
        lower = run.lower().replace("ё", "е")
        if set(lower) <= set(letters) | {" "}:
            counts[lower] += count
    return dict(counts)


def with_words(counts: Mapping[str, float], words: Iterable[str]) -> dict[str, float]:
    """The counts with those of common words added: an encyclopedia has no "откройте" and no "хочу"."""
    letters = [re.findall("[a-zа-я]+", word.replace("ё", "е")) for word in words]
    edged = [f" {part} " for parts in letters for part in parts]
    weight = WORDS_SHARE * sum(count for run, count in counts.items() if len(run) == 1) / len("".join(edged))
    mixed = defaultdict(float, counts)
    for word in edged:
        for length in (1, 2, 3):
            for at in range(len(word) - length + 1):
                if (run := word[at : at + length]) != " ":
                    mixed[run] += weight
    return dict(mixed)
