"""Where Chatwoot is: addresses from ``endpoints.yml``, secrets from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.settings import ENDPOINTS, Settings, SettingsError

TOKEN, SECRET = "LICHNO_CHATWOOT_TOKEN", "LICHNO_CHATWOOT_SECRET"
SHORTEST_SECRET = 16  # characters


@dataclass(frozen=True)
class ChatwootSettings:
    """What the adapter runs on.

    Args:
        url: the installation's address, without a path.
        account: the account's number.
        inbox: the number of an inbox of the kind "API".
        token: an access token of an agent's profile or of an agent bot.
        secret: what authenticates its webhook.
    """

    url: str
    account: int
    inbox: int
    token: str
    secret: str


def chatwoot_settings(settings: Settings, environment: Mapping[str, str]) -> ChatwootSettings:
    """The settings.

    Raises:
        SettingsError: something is missing.
    """
    for key in ("chatwoot_url", "chatwoot_account", "chatwoot_inbox"):
        if not getattr(settings, key):
            raise SettingsError(f"{ENDPOINTS}, nlg.{key} is missing: Chatwoot is the desk, see docs/desk.md.")
    if not settings.chatwoot_url.startswith(("https://", "http://")):
        raise SettingsError(f"{ENDPOINTS}, nlg.chatwoot_url: write scheme and host, like https://desk.example.")
    token, secret = environment.get(TOKEN, ""), environment.get(SECRET, "")
    if not token:
        raise SettingsError(f"{TOKEN} is missing: copy the access token from the profile of a Chatwoot agent.")
    if len(secret) < SHORTEST_SECRET:
        raise SettingsError(
            f"{SECRET} is missing or shorter than {SHORTEST_SECRET} characters: take what `openssl rand -hex 32`"
            " prints, and give it to Chatwoot's webhook."
        )
    return ChatwootSettings(
        settings.chatwoot_url.rstrip("/"), settings.chatwoot_account, settings.chatwoot_inbox, token, secret
    )
