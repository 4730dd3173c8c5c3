"""Raw mail by hash, on disk and in memory."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

import pytest

from bot.edge.raw import DiskRawStore, MemoryRawStore
from bot.errors import StoreDamaged, StoreError, StoreFull

MAIL = b"Subject: Lampe\r\n\r\n\xff\x00Guten Tag\r\n"
HASH = hashlib.sha256(MAIL).hexdigest()


@pytest.fixture(params=["memory", "disk"])
def raws(request: pytest.FixtureRequest, tmp_path: Path) -> DiskRawStore | MemoryRawStore:
    return MemoryRawStore() if request.param == "memory" else DiskRawStore(tmp_path / "raw")


@pytest.fixture
def disk(tmp_path: Path) -> DiskRawStore:
    return DiskRawStore(tmp_path / "state" / "raw")


def files(disk: DiskRawStore) -> list[str]:
    return sorted(str(path.relative_to(disk.folder)) for path in disk.folder.rglob("*") if path.is_file())


def test_bytes_come_back_by_their_hash(raws: DiskRawStore | MemoryRawStore) -> None:
    assert raws.put(MAIL) == HASH
    assert raws.put(MAIL) == HASH
    assert raws.get(HASH) == MAIL
    empty = raws.put(b"")
    assert raws.get(empty) == b""


def test_many_come_back_in_the_order_given(raws: DiskRawStore | MemoryRawStore) -> None:
    mails = [b"%d" % n for n in range(50)] + [b"7", MAIL]
    hashes = raws.put_many(mails)
    assert hashes == [hashlib.sha256(mail).hexdigest() for mail in mails]
    assert [raws.get(sha256) for sha256 in hashes] == mails
    assert raws.put_many([]) == []


def test_missing_bytes_are_damage(raws: DiskRawStore | MemoryRawStore) -> None:
    with pytest.raises(StoreDamaged):
        raws.get(HASH)


def test_the_file_bears_the_hash_and_is_for_its_owner_only(disk: DiskRawStore) -> None:
    disk.put(MAIL)
    assert files(disk) == [f"{HASH[:1]}/{HASH[1:]}.eml"]
    path = disk.folder / HASH[:1] / f"{HASH[1:]}.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(disk.folder.stat().st_mode) == 0o700


def test_changed_bytes_are_damage_and_keeping_them_again_mends_it(disk: DiskRawStore) -> None:
    disk.put(MAIL)
    path = disk.folder / files(disk)[0]
    path.write_bytes(MAIL[:-1])
    with pytest.raises(StoreDamaged, match="is not what was kept; put it back from the last backup"):
        disk.get(HASH)
    disk.put(MAIL)
    assert disk.get(HASH) == MAIL


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", HASH.upper(), HASH[:-1], HASH[:-1] + "/"])
def test_what_is_no_hash_never_becomes_a_path(disk: DiskRawStore, sha256: str) -> None:
    with pytest.raises(StoreDamaged, match="is no SHA-256"):
        disk.get(sha256)


@pytest.mark.parametrize("step", ["fsync", "write", "replace"])
def test_a_full_disk_leaves_no_part_behind(
    disk: DiskRawStore, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, step, full)
        with pytest.raises(StoreFull, match=r"no room left on the disk.*Make room"):
            disk.put(MAIL)
        with pytest.raises(StoreFull):
            disk.put_many([MAIL, b"other"])
    assert files(disk) == []
    assert disk.put(MAIL) == HASH
    assert disk.get(HASH) == MAIL


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("")
    with pytest.raises(StoreError, match="check the state folder"):
        DiskRawStore(tmp_path / "raw")


def test_bytes_and_folder_are_fsynced_before_put_returns(
    disk: DiskRawStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    disk.put(MAIL)
    assert synced == ["folder", "file", "folder"]  # the new folder in its parent, the bytes, their name
    synced.clear()
    disk.put(MAIL)
    assert synced == ["folder"]
    synced.clear()
    disk.put_many([MAIL, b"a", b"a"])
    assert synced.count("file") == 1


def test_removed_bytes_are_gone(raws: DiskRawStore | MemoryRawStore) -> None:
    kept, gone = raws.put(b"kept"), raws.put(b"gone")
    raws.remove(gone)
    raws.remove(gone)  # once is enough, twice is no mistake
    assert raws.get(kept) == b"kept"
    with pytest.raises(StoreDamaged):
        raws.get(gone)
