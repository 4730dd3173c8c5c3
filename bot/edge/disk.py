"""On what kind of disk the state lies: network file systems lose the promises of locks and fsync."""

from __future__ import annotations

from pathlib import Path

from bot.errors import StoreError

#: Types in /proc/mounts whose locks or fsync cannot be relied upon.
NETWORK_TYPES = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "9p", "ceph", "glusterfs", "lustre", "beegfs",
    "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.glusterfs", "davfs", "fuse.davfs2",
})  # fmt: skip


def refuse_network_disk(path: Path) -> None:
    """Raises StoreError when the path lies on a network file system, as far as Linux tells us."""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return  # not Linux: we cannot tell
    kind = network_disk(path, mounts)
    if kind is not None:
        raise StoreError(
            f"{path} lies on a network file system ({kind}), where a database can be damaged and two daemons "
            "cannot see each other; move the state folder to a local disk"
        )


def network_disk(path: Path, mounts: str) -> str | None:
    """Type of the network file system that holds the path, by /proc/mounts; None for a local one."""
    place = path.resolve()
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(_unescaped(fields[1]))
        # Later mounts lie over earlier ones of the same place.
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    # A root of type 9p is a sandbox whose whole disk is given to it that way, not a share.
    if kind not in NETWORK_TYPES or (kind == "9p" and best == 1):
        return None
    return kind


def _unescaped(point: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, character)
    return point
