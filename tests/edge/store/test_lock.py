"""One daemon per state, and a local disk for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.edge.disk import network_disk, refuse_network_disk
from bot.edge.lock import StateLock
from bot.errors import StoreError, StoreInUse

ROOT = Path(__file__).parents[3]
HOLD = """
import sys, signal
from pathlib import Path
from bot.edge.lock import StateLock
with StateLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_the_first_is(tmp_path: Path) -> None:
    path = tmp_path / "state" / "lock"
    with holder(path) as first:
        with pytest.raises(StoreInUse, match=rf"in use by pid {first.pid} on .*stop that daemon first"):
            StateLock(path).acquire()
        first.communicate("")
    with StateLock(path):
        assert f"pid {os.getpid()} on" in path.read_text()
    assert path.read_text() == ""


def test_a_holder_that_is_killed_leaves_no_lock(tmp_path: Path) -> None:
    with holder(tmp_path / "lock") as first:
        first.send_signal(signal.SIGKILL)
        first.wait(timeout=30)
    with StateLock(tmp_path / "lock"):
        pass


def test_within_one_process_it_is_held_once(tmp_path: Path) -> None:
    lock = StateLock(tmp_path / "lock")
    with lock:
        with pytest.raises(StoreInUse, match="already"):
            lock.acquire()
        with pytest.raises(StoreInUse, match=f"pid {os.getpid()}"):
            StateLock(tmp_path / "lock").acquire()
    lock.release()
    lock.acquire()
    lock.release()


def test_programs_that_the_holder_starts_do_not_keep_the_lock(tmp_path: Path) -> None:
    lock = StateLock(tmp_path / "lock")
    lock.acquire()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False):
        lock.release()
        with StateLock(tmp_path / "lock"):
            pass


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="check its folder"):
        StateLock(tmp_path / "file" / "lock").acquire()


MOUNTS = """\
overlay / overlay rw 0 0
/dev/sda1 /home ext4 rw 0 0
server:/export /home/anna/share nfs4 rw 0 0
/dev/sdb1 /home/anna/share/local xfs rw 0 0
//nas/x /mnt/my\\040share cifs rw 0 0
/dev/sdc1 /srv nfs rw 0 0
/dev/sdc1 /srv ext4 rw 0 0

odd
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/rejoinder/rejoinder.db", None),
        ("/home/anna/state/rejoinder.db", None),
        ("/home/anna/share/state/rejoinder.db", "nfs4"),
        ("/home/anna/share/local/state", None),
        ("/home/anna/shared/state", None),
        ("/mnt/my share/state", "cifs"),
        ("/srv/state", None),
    ],
)
def test_the_innermost_and_latest_mount_counts(path: str, kind: str | None) -> None:
    assert network_disk(Path(path), MOUNTS) == kind


def test_a_root_given_by_a_sandbox_is_no_share() -> None:
    assert network_disk(Path("/state"), "none / 9p rw 0 0\n") is None
    assert network_disk(Path("/mnt/c/state"), "none / ext4 rw 0 0\nC: /mnt/c 9p rw 0 0\n") == "9p"


def test_a_network_disk_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refuse_network_disk(tmp_path)
    monkeypatch.setattr("bot.edge.disk.network_disk", lambda path, mounts: "nfs4")
    for refused in (lambda: refuse_network_disk(tmp_path), StateLock(tmp_path / "lock").acquire):
        with pytest.raises(StoreError, match=r"network file system \(nfs4\).*move the state folder"):
            refused()
