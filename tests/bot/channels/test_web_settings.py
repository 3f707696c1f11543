from __future__ import annotations

from typing import Any

import pytest
import yaml

from bot.channels.web import WebChannel
from bot.channels.web_settings import WebSettings, web_settings
from nlu.errors import LichnoError


def test_the_projects_own_credentials_are_read() -> None:
    with open("credentials.yml") as stream:
        options = yaml.safe_load(stream)["bot.channels.web.WebChannel"]
    assert WebChannel.from_credentials(options).settings == WebSettings(demo_shop=True)


def test_nothing_set_serves_no_demo_shop() -> None:
    assert web_settings(None) == WebSettings(demo_shop=False)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"orignis": []}, "orignis"),
        ({"origins": "https://shop.example"}, "expected a list"),
        ({"origins": ["shop.example"]}, "scheme and host"),
        ({"origins": ["https://shop.example/page"]}, "scheme and host"),
        ({"frame_ancestors": "https://portal.example"}, "frame_ancestors: expected a list"),
        ({"frame_ancestors": ["https://portal.example; script-src *"]}, "scheme and host"),
        ({"message_queue": 6379}, "message_queue"),
        ({"demo_shop": "yes"}, "demo_shop"),
        ({"per_customer": "often"}, "20/minute"),
        ({"per_address": 20}, "per_address"),
        ({"max_characters": True}, "max_characters"),
    ],
)
def test_a_wrong_setting_is_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(LichnoError, match=named):
        web_settings(options)
