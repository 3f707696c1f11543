"""A PostgreSQL server of the tests' own, from the system's packages, in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

USER = "lichno"


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl; None where PostgreSQL is not installed."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    folders = [*packaged, *([Path(found).parent] if found else [])]
    return next((folder for folder in folders if (folder / "initdb").is_file()), None)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A running server; its URL without a database. It listens to a socket in its folder only."""
    data = tempfile.mkdtemp(prefix="lichno-postgres-", dir="/tmp")  # a short path: sockets allow 107 bytes
    os.chmod(data, 0o755)
    account = _account()
    if account:
        os.chown(data, account.pw_uid, account.pw_gid)

    def run(program: str, *words: str) -> None:
        _run([str(folder / program), "-D", f"{data}/cluster", *words], data, account)

    try:
        run("initdb", "-U", USER, "--auth=trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-w", "-l", f"{data}/log", "-o", f"-k {data} -c listen_addresses='' -c fsync=off", "start")
        try:
            yield f"postgresql+psycopg2://{USER}@/postgres?host={data}"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _run(command: list[str], folder: str, account: pwd.struct_passwd | None) -> None:
    """Run a command as an unprivileged user, since PostgreSQL refuses to run as root."""
    whom: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": folder}
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, env=environment, **whom)


def _account() -> pwd.struct_passwd | None:
    """Whom to run it as where the tests run as root."""
    if os.getuid():
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
