"""The step-up: a code goes to the e-mail on file, and has to be entered before the change is made."""

from __future__ import annotations

import re

from bot.actions.context import Context
from bot.actions.transaction import CODE, Refused, Reply, Said, Step, Unfit, Values
from bot.channels.identity import signing_key
from bot.identity.codes import Blocked, Codes, TooManyCodes, TooSoon, Verdict
from bot.identity.contacts import masked
from bot.identity.senders import CannotSend, code_letter, sender_of
from bot.settings import load_settings

REQUEST = "request_id"  # among the values: what a code allows
_CODE = re.compile(r"(?<!\d)\d{3}[\s-]?\d{3}(?!\d)")
_DIGITS = re.compile(r"^\D*\d[\d\s-]*\D*$")
_AGAIN = re.compile(
    r"ещ[её]\s+раз|снова|заново|повтор|нов\w+\s+код|не\s+(?:приш|дош|получ|вижу)|нет\s+(?:письма|кода)"
    r"|again|resend|re-send|another\s+code|new\s+code|not?\s+(?:arrive|come|receiv|get)|n['’]t\s+(?:arrive|come|receive|get|got|see)"
    r"|nothing\s+(?:came|arrived)|no\s+(?:code|letter|e-?mail)",
    re.IGNORECASE,
)


class CodeStep(Step):
    """A six-digit code; the value is that one was entered, never the code."""

    name = CODE

    def enter(self, context: Context, values: Values) -> None:
        if not _codes(context).waiting(values[REQUEST]):
            _send(context, values)

    def ask(self, context: Context, values: Values) -> Reply:
        return Reply("utter_ask_code", {"email": masked(str(context.customer.email))})

    def read(self, said: Said, context: Context, values: Values) -> bool | None:
        given = _CODE.search(said.text)
        if given is None:
            if _AGAIN.search(said.text):
                _send(context, values)
                raise Unfit(Reply("utter_code_resent"))
            if _DIGITS.search(said.text):
                raise self._wrong(context)
            return None
        try:
            verdict = _codes(context).check(values[REQUEST], re.sub(r"\D", "", given.group()))
        except Blocked as error:
            raise Refused(Reply("utter_code_blocked")) from error
        if verdict is Verdict.EXPIRED:
            _send(context, values)
            raise Unfit(Reply("utter_code_expired"))
        if verdict is Verdict.WRONG:
            raise self._wrong(context)
        return True

    def _wrong(self, context: Context) -> Unfit | Refused:
        left = _codes(context).tries_left()
        return Unfit(Reply("utter_wrong_code", {"left": left})) if left else Refused(Reply("utter_code_blocked"))


def _codes(context: Context) -> Codes:
    return Codes(context.session, signing_key(), context.customer_id, context.now)


def _send(context: Context, values: Values) -> None:
    """Issue a code and send it to the e-mail on file: the one from before the change.

    Raises:
        Unfit: one was sent just now.
        Refused: none can be sent.
    """
    try:
        code = _codes(context).issue(values[REQUEST])
        sender_of(load_settings()).send(code_letter(str(context.customer.email), code, context.language))
    except TooSoon as error:
        raise Unfit(Reply("utter_code_wait")) from error
    except Blocked as error:
        raise Refused(Reply("utter_code_blocked")) from error
    except TooManyCodes as error:
        raise Refused(Reply("utter_code_limit")) from error
    except CannotSend as error:
        raise Refused(Reply("utter_code_not_sent")) from error
