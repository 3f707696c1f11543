"""Errors of the Telegram channel."""

from nlu.errors import LichnoError


class TelegramSettingsError(LichnoError):
    """A setting of the channel is wrong; names it and the remedy."""


class TokenNotAccepted(LichnoError):
    """The Bot API does not know the token."""


class Unreachable(LichnoError):
    """The Bot API did not take a request, not even after several attempts."""


class ChatClosed(LichnoError):
    """The person has blocked the bot, or the chat is gone."""


class FileTooLarge(LichnoError):
    """A file is larger than bots may fetch."""


class SpeechFailed(LichnoError):
    """A reply could not be spoken."""


class UnknownTicket(LichnoError):
    """The customer has no such request."""


class NobodyTold(LichnoError):
    """A notice has nobody who wants it."""
