"""An installation goes into one folder and comes back, or nothing changes."""

import asyncio
import contextlib
import os
import resource
import sqlite3
import subprocess
import sys

import pytest

from callside.asterisk import process
from callside.cli.backup import DATABASE
from callside.kernel.errors import StoreUnavailableError
from callside.serving import alone_in
from callside.store import open_store
from callside.store.repositories.remembered import remember, remembered
from callside.store.sqlite_copy import check_database, copy_database
from tests.fakes.command_line import CommandLine


@pytest.fixture
def callside(tmp_path):
    return CommandLine(tmp_path / "home")


@pytest.fixture
def furnished(callside):
    """A home with a tenant, a voicemail, a prompt and settings."""
    assert callside.run("tenant", "add", "Example Motors").code == 0
    for name, text in (("voicemail/1011/aa.wav", "said"), ("prompts/1011/dd.wav", "prompt"), ("callside.toml", "")):
        place = callside.home / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        os.utime(place, (1_790_000_000, 1_790_000_000))
    (callside.home / "prompts/1011/dd.wav").chmod(0o644)
    return callside


def tenants(callside):
    return [one["name"] for one in callside.json("tenant", "list")]


def test_what_was_backed_up_comes_back_and_what_was_there_is_kept_beside_it(furnished, tmp_path):
    target = tmp_path / "backups" / "monday"
    assert "encrypt it" in furnished.run("backup", str(target)).out
    assert target.stat().st_mode & 0o777 == 0o700
    assert (target / DATABASE).stat().st_mode & 0o777 == 0o600
    assert furnished.run("tenant", "add", "Later Motors").code == 0
    (furnished.home / "voicemail/1011/aa.wav").write_text("another")
    (furnished.home / "callside.toml").write_text('log_level = "error"\n')
    done = furnished.run("restore", str(target), "--yes")
    assert done.code == 0, done
    assert tenants(furnished) == ["Example Motors"]
    said, prompt = furnished.home / "voicemail/1011/aa.wav", furnished.home / "prompts/1011/dd.wav"
    assert (said.read_text(), said.stat().st_mtime) == ("said", 1_790_000_000)
    assert prompt.stat().st_mode & 0o777 == 0o644
    assert "error" in (furnished.home / "callside.toml").read_text()  # this machine's own settings stay
    [before] = furnished.home.glob("before-restore-*")
    assert (before / "voicemail/1011/aa.wav").read_text() == "another"
    assert not list(furnished.home.glob("restoring-*"))


def test_an_empty_home_takes_a_backup_with_its_settings(furnished, tmp_path):
    furnished.run("backup", str(tmp_path / "monday"))
    other = CommandLine(tmp_path / "other")
    assert other.run("restore", str(tmp_path / "monday"), "--yes").code == 0
    assert tenants(other) == ["Example Motors"]
    assert (other.home / "callside.toml").exists()


def test_a_backup_overwrites_nothing(furnished, tmp_path):
    (tmp_path / "monday").mkdir()
    assert "name a new folder" in furnished.run("backup", str(tmp_path / "monday")).refusal


def test_a_home_without_a_database_has_nothing_to_back_up(callside, tmp_path):
    assert "is not there" in callside.run("backup", str(tmp_path / "monday")).refusal
    assert list(tmp_path.glob("monday*")) == []


def test_a_full_disk_leaves_no_half_backup(furnished, tmp_path):
    """The limit on a file's size stands for the disk: the same error at the same call."""
    home = str(furnished.home)
    refused = subprocess.run(
        [sys.executable, "-m", "callside", "--home", home, "backup", str(tmp_path / "monday")],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: ")
    assert list(tmp_path.glob("monday*")) == []
    assert tenants(furnished) == ["Example Motors"]


def test_a_running_server_is_not_restored_under(furnished, tmp_path):
    furnished.run("backup", str(tmp_path / "monday"))
    with alone_in(furnished.home):
        assert "another Callside" in furnished.run("restore", str(tmp_path / "monday"), "--yes").refusal


def test_nor_is_a_running_engine(furnished, tmp_path, monkeypatch):
    furnished.run("backup", str(tmp_path / "monday"))
    monkeypatch.setattr(process, "status", lambda _: process.EngineStatus(running=True, pid=1))
    assert "callside engine stop" in furnished.run("restore", str(tmp_path / "monday"), "--yes").refusal
    assert not list(furnished.home.glob("before-restore-*"))


def test_a_damaged_backup_changes_nothing(furnished, tmp_path):
    furnished.run("backup", str(tmp_path / "monday"))
    database = tmp_path / "monday" / DATABASE
    whole = database.read_bytes()
    database.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    assert furnished.run("restore", str(tmp_path / "monday"), "--yes").refusal
    assert tenants(furnished) == ["Example Motors"]
    assert not list(furnished.home.glob("before-restore-*")) + list(furnished.home.glob("restoring-*"))


def test_a_backup_of_a_newer_callside_changes_nothing(furnished, tmp_path):
    furnished.run("backup", str(tmp_path / "monday"))
    with contextlib.closing(sqlite3.connect(tmp_path / "monday" / DATABASE)) as raw, raw:
        raw.execute("INSERT INTO schema_versions (number, name, checksum) VALUES (9999, 'from the future', 'x')")
    assert "newer Callside" in furnished.run("restore", str(tmp_path / "monday"), "--yes").refusal
    assert tenants(furnished) == ["Example Motors"]
    assert not list(furnished.home.glob("before-restore-*")) + list(furnished.home.glob("restoring-*"))


def test_what_is_no_backup_is_refused(furnished, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "is no backup" in furnished.run("restore", str(tmp_path / "empty"), "--yes").refusal


def test_postgresql_is_left_to_its_own_programs(furnished, tmp_path, monkeypatch):
    monkeypatch.setenv("CALLSIDE_DATABASE", "postgresql://callside@127.0.0.1:9/callside")
    done = furnished.run("backup", str(tmp_path / "monday"))
    assert (done.code, "pg_dump" in done.out) == (0, True)
    assert (tmp_path / "monday/voicemail/1011/aa.wav").exists()
    assert "PostgreSQL" in furnished.run("restore", str(tmp_path / "monday"), "--yes").refusal


async def test_a_copy_is_whole_while_calls_are_written_all_along(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/callside.db")
    await store.open()
    await store.database.write(lambda connection: remember(connection, "before", "x" * 200_000))
    over, written = asyncio.Event(), 0

    async def call(number):
        await store.database.write(lambda connection: remember(connection, "call", str(number)))

    async def calls():
        nonlocal written
        while not over.is_set():
            await call(written)
            written += 1

    writing = asyncio.create_task(calls())
    for number in range(5):
        await asyncio.to_thread(copy_database, tmp_path / "callside.db", tmp_path / f"copy-{number}.db")
    over.set()
    await writing
    await store.close()
    check_database(tmp_path / "copy-4.db")
    copy = open_store(f"sqlite:///{tmp_path}/copy-4.db")
    await copy.open()
    assert await copy.database.read(lambda connection: remembered(connection, "before")) == "x" * 200_000
    assert 0 < int(await copy.database.read(lambda connection: remembered(connection, "call"))) <= written
    await copy.close()


def test_what_is_no_database_cannot_be_copied(tmp_path):
    (tmp_path / "callside.db").write_text("no database at all, whoever looks at it" * 100)
    with pytest.raises(StoreUnavailableError, match="no database"):
        copy_database(tmp_path / "callside.db", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
