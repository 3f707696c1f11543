from __future__ import annotations

from pathlib import Path

from bot.channels.identity import customer_of
from tests.bot.cli.conftest import Run


def test_the_token_proves_the_customer(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    result = run("token", "C2")
    assert result.exit_code == 0
    assert customer_of(result.output.strip()) == "C2"
