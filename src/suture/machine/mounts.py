"""Tells on which file system a path lies, and whether that is on another machine. Linux; elsewhere nobody says."""

import re
from pathlib import Path

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "9p", "ceph", "lustre", "gpfs", "beegfs", "ocfs2"}
    | {"gfs2", "pvfs2", "orangefs", "panfs", "wekafs", "virtiofs", "davfs"}
    | {"vboxsf", "prl_fs"}
)
"""Types, those by FUSE apart, as /proc/self/mountinfo names them: several machines may have one mounted, and their
locks may not meet."""
_FUSE_HERE = frozenset(
    {
        "fuse-overlayfs",
        "ntfs-3g",
        "ntfs",
        "exfat",
        "ext2",
        "fuse2fs",
        "fuse-ext2",
        "bindfs",
        "mergerfs",
        "encfs",
        "gocryptfs",
    }
    | {"cryfs", "securefs", "unionfs", "unionfs-fuse", "lxcfs", "squashfuse", "zfs-fuse", "apfs-fuse", "shfs"}
)
"""File systems by FUSE that lie on a disk of this machine. Of all others, most lie in a network, and by many names."""


def file_system_of(path: Path, mountinfo: str | None = None) -> str:
    """Name the type of the file system that ``path``, or the nearest directory above it that is there, lies on.

    Args:
        mountinfo: the text of /proc/self/mountinfo (proc_pid_mountinfo(5)); read by default.
    """
    if mountinfo is None:
        said = Path("/proc/self/mountinfo")
        mountinfo = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
    real = path.resolve()
    best, kind = -1, ""
    for line in mountinfo.splitlines():
        before, dash, after = line.partition(" - ")
        fields = before.split(" ")
        if not dash or len(fields) < 5:
            continue
        point = Path(_unescaped(fields[4]))
        # the last of equal mounts is on top of the others
        if (real == point or point in real.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split(" ")[0]
    return kind


def on_network(path: Path, mountinfo: str | None = None) -> str:
    """The type of file system where that is one of a network, or by FUSE and not known to lie here; else ""."""
    kind = file_system_of(path, mountinfo)
    by_fuse = kind.startswith("fuse.") and kind.removeprefix("fuse.") not in _FUSE_HERE
    return kind if kind in NETWORK or by_fuse else ""


def _unescaped(written: str) -> str:
    """Blanks and backslashes stand as three octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), written)
