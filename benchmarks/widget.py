"""What the widget costs a page: its size and the main thread's time until the launcher is there.

    lichno up &                                    # or any page that carries the widget
    python -m benchmarks.widget http://localhost:5005/en/help

Median of several loads in the system's Chromium without cache, with and without the widget; nothing is asserted.
"""

from __future__ import annotations

import gzip
import shutil
import statistics
import sys
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bot.web import WIDGET

LOADS = 9
BUDGET_BYTES, BUDGET_MS = 150_000, 300
_BUSY = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "TaskDuration")


def busy(browser: Browser, address: str, blocked: bool) -> tuple[dict[str, float], float | None]:
    """Seconds of the main thread by kind, and milliseconds from navigation until the launcher is there."""
    page = browser.new_page()
    if blocked:
        page.route("**/widget.js", lambda route: route.abort())
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(address, wait_until="load")
    ready = None if blocked else _ready(page)
    page.wait_for_load_state("networkidle")
    metrics: dict[str, Any] = session.send("Performance.getMetrics")
    page.close()
    return {metric["name"]: metric["value"] for metric in metrics["metrics"] if metric["name"] in _BUSY}, ready


def _ready(page: Page) -> float:
    page.locator("lichno-chat .launcher").wait_for()
    return float(page.evaluate("performance.now()"))


def main(address: str) -> None:
    packed = len(gzip.compress(WIDGET.read_bytes()))
    print(f"widget.js: {packed / 1000:.1f} kB gzipped (budget {BUDGET_BYTES / 1000:.0f} kB)")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        totals: dict[bool, list[float]] = {True: [], False: []}
        ready = []
        for blocked in [True, False] * LOADS:
            spent, at = busy(browser, address, blocked)
            totals[blocked].append(spent["TaskDuration"] * 1000)
            ready += [at] if at is not None else []
        browser.close()
    with_it, without = statistics.median(totals[False]), statistics.median(totals[True])
    print(f"main thread: {with_it:.0f} ms with the widget, {without:.0f} ms without (budget {BUDGET_MS} ms more)")
    print(f"launcher there {statistics.median(ready):.0f} ms after navigation (median of {LOADS})")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:5005/en/help")
