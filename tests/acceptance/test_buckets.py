"""A population in a bucket: the same files as in a folder, whole or not at all, on a real server of S3's protocol."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from club_files import EVENING, SEED, VISITS, contents
from command import CLUB, answer, refusal, start
from kills import until
from populace.runner.manifest import MANIFEST
from populace.stores import Bucket

pytest.importorskip("nanio", reason="the server for these tests is not installed")

SECRET = "not-for-any-log"
LONGER = ("seed", "recoverlution", "--now", EVENING, "--set", "count_users=500", "--set", "coverage_per_mindblock=40")


class Storage:
    """A server of S3's protocol on loopback; objects are files of its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "objects"
        (self.folder / "people").mkdir(parents=True)
        self._log = folder / "log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.environment = {
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._port}",
            "AWS_REGION": "us-east-1",
            # It does not know the checksums that newer clients put behind a body.
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "nanio", "serve", "--data-dir", str(self.folder), "--host", "127.0.0.1",
                 "--port", str(self._port), "--no-access-log"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"NANIO_ACCESS_KEY": "tests", "NANIO_SECRET_KEY": SECRET, "PATH": "/usr/bin:/bin"},
            )  # fmt: skip

        def answers() -> bool:
            assert self._process.poll() is None, self._log.read_text()
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", self._port)) == 0

        until(answers, "the storage to answer")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def held(self, prefix: str) -> dict[str, bytes]:
        return contents(self.folder / "people" / prefix)


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    made = Storage(tmp_path_factory.mktemp("storage"))
    yield made
    made.kill()


def to(prefix: str) -> tuple[str, str]:
    return "--target", f"parquet:s3://people/{prefix}"


def test_a_bucket_holds_what_a_folder_does(storage: Storage, club_files: Path) -> None:
    there = answer(*SEED, *to("club"), **storage.environment)
    assert there["rows_created"] > 1000
    held = storage.held("club")
    assert held == contents(club_files)
    assert answer(*SEED, *to("club"), **storage.environment)["unchanged"]
    judged = answer("validate", CLUB, *to("club"), **storage.environment)
    assert judged["ok"]
    assert {v["id"] for v in judged["verdicts"]} >= {"files", "rows", "keys", "orphans"}
    assert answer("status", *to("club"), **storage.environment)["state"] == "ready"
    assert answer("count", *to("club"), **storage.environment)["total"] == there["rows_created"]
    assert "another plan" in refusal(*SEED[:-4], "--now", EVENING, "--seed", "8", *to("club"), **storage.environment)
    assert "files hold history only" in refusal("run", CLUB, *to("club"), **storage.environment)
    assert storage.held("club") == held
    file = next(name for name in held if name.startswith(VISITS))
    (storage.folder / "people" / "club" / file).write_bytes(held[file][:-1] + b"x")
    judged = answer("validate", CLUB, *to("club"), code=1, **storage.environment)
    assert f"{file} has other content" in [v["note"] for v in judged["verdicts"] if v["id"] == "files"]


def test_an_export_writes_the_same(storage: Storage, club_files: Path) -> None:
    out = ("export", *SEED[1:], "--format", "parquet", "--out", "s3://people/exported")
    done = answer(*out, **storage.environment)
    assert storage.held("exported") == contents(club_files)
    assert sorted([*done["files"], MANIFEST]) == sorted(storage.held("exported"))
    assert (done["written"], done["folder"]) == (len(done["files"]), "s3://people/exported")
    assert answer(*out, **storage.environment)["written"] == 0
    assert "--force: files of rows are never replaced" in refusal(*out, "--force", code=2, **storage.environment)


def test_what_is_not_ours_is_let_alone(storage: Storage) -> None:
    strange = storage.folder / "people" / "mine" / "thesis.txt"
    strange.parent.mkdir()
    strange.write_text("mine")
    assert "'thesis.txt'" in refusal(*SEED, *to("mine"), **storage.environment)
    assert storage.held("mine") == {"thesis.txt": b"mine"}


def slices(storage: Storage, prefix: str) -> int:
    file = storage.folder / "people" / prefix / MANIFEST
    return sum(s["written"] for s in json.loads(file.read_text())["slices"]) if file.is_file() else 0


def test_who_is_killed_goes_on(storage: Storage, tmp_path: Path) -> None:
    """The seed, in the middle of the first uploads and after the first slice; then the server."""
    answer(*LONGER, "--target", f"parquet:{tmp_path / 'calm'}")
    moments: list[tuple[Callable[[], bool], bool]] = [
        (lambda: len(storage.held("killed")) > 1, False),
        (lambda: slices(storage, "killed") >= 1, False),
        (lambda: slices(storage, "killed") >= 2, True),
    ]
    for moment, of_server in moments:
        process = start(*LONGER, *to("killed"), **storage.environment)
        until(lambda seen=moment, of=process: seen() or of.poll() is not None, "the moment to come")
        assert process.poll() is None, "it was over before it could be killed"
        (storage.kill if of_server else process.kill)()
        said = process.communicate()[1]
        if of_server:
            storage.start()
            assert process.returncode == 4, said
            assert "the bucket cannot be used" in said
            assert SECRET not in said
        assert answer("status", *to("killed"), **storage.environment)["state"] == "seeding"
        assert "not finished" in refusal("validate", "recoverlution", *to("killed"), **storage.environment)
    answer(*LONGER, *to("killed"), **storage.environment)
    assert storage.held("killed") == contents(tmp_path / "calm")


def test_large_files_go_in_parts(storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in storage.environment.items():
        monkeypatch.setenv(name, text)
    file = tmp_path / "large"
    file.write_bytes(bytes(range(256)) * (100 << 10))
    bucket = Bucket("people/parts")
    bucket.upload(file, "one/large")
    assert storage.held("parts") == {"one/large": file.read_bytes()}
    assert bucket.size("one/large") == file.stat().st_size
    assert bucket.size("one/none") is None


def test_a_bucket_that_cannot_be_used(storage: Storage) -> None:
    known = storage.environment
    no_server = known | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    bad_key = known | {"AWS_SECRET_ACCESS_KEY": "a-wrong-one"}
    assert "there is no such bucket" in refusal(*SEED, "--target", "parquet:s3://nobody/x", code=4, **known)
    for environment in (no_server, bad_key):
        said = refusal(*SEED, *to("bad"), code=4, **environment)
        assert "the bucket cannot be used" in said
        assert SECRET not in said
        assert "a-wrong-one" not in said
    none = {name: text for name, text in known.items() if "KEY" not in name}
    assert "no credentials" in refusal(*SEED, *to("bad"), code=2, **none)
    # A body with the checksum behind it is stored as it came.
    unknown = {name: text for name, text in known.items() if "CHECKSUM" not in name}
    assert "AWS_REQUEST_CHECKSUM_CALCULATION=when_required" in refusal(*SEED, *to("bad"), code=4, **unknown)


@pytest.mark.parametrize(
    "rest",
    ["s3:", "s3://", "s3://B/x", "s3://key:hidden@people/x", "s3://people/../x", "s3://people/x?secret_key=hidden"],
)
def test_names_that_no_bucket_has(rest: str) -> None:
    said = refusal(*SEED, "--target", f"parquet:{rest}", code=2)
    assert "not a bucket with a prefix" in said
    assert "hidden" not in said
