from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from bot.customers.store import CustomerStore
from bot.settings import Settings
from tests.bot.cli.conftest import Run


def line(output: str, about: str) -> str:
    (only,) = [line for line in output.splitlines() if f" {about}" in line.split(": ")[0]]
    return only


def test_every_part_that_is_missing_is_named_with_its_remedy(project: Path, run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    for about, remedy in {
        "multilingual-e5-small": "lichno up",
        "Gemma 3 270M": "lichno up",
        "decoder": "lichno up",
        "dialogue model": "lichno train",
        "knowledge base": "lichno index add",
        "customers": "lichno customers import",
    }.items():
        assert line(result.output, about).startswith("wrong")
        assert remedy in line(result.output, about)
    assert line(result.output, "settings").startswith("ok")


def test_what_is_there_is_ok(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    run("index", "add", "articles")
    (project / "models").mkdir(exist_ok=True)
    (project / "models/trained.tar.gz").touch()
    told = run("doctor").output
    assert line(told, "customers").endswith("2 customers")
    assert "2 articles" in line(told, "knowledge base")
    assert line(told, "dialogue model").endswith("trained.tar.gz")


def test_a_faulty_setting_is_told_and_the_rest_is_checked(project: Path, run: Run) -> None:
    (project / "endpoints.yml").write_text("nlg:\n  treads: 2\n")
    result = run("doctor")
    assert result.exit_code == 1
    assert "treads" in line(result.output, "settings")


def test_a_missing_master_key_and_another_versions_tables_are_told(project: Path, run: Run) -> None:
    run("customers", "import", "shop")
    key = project / "var/master.key"
    key.rename(project / "kept.key")
    assert "LICHNO_MASTER_KEY" in line(run("doctor").output, "customers")
    (project / "kept.key").rename(key)
    assert line(run("doctor").output, "customers").startswith("ok")
    with CustomerStore(Settings().customers).engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert "lichno up" in line(run("doctor").output, "customers")
