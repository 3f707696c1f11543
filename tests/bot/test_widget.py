from __future__ import annotations

import gzip

from bot.web import WIDGET

BUDGET = 150_000  # bytes of the script as browsers fetch it


def test_the_widget_is_no_burden_to_a_shops_page() -> None:
    assert len(gzip.compress(WIDGET.read_bytes())) <= BUDGET
