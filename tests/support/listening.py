"""Which TCP ports this very process listens on, as the kernel says it."""

from pathlib import Path

LISTEN = "0A"
"""State of a listening socket in /proc/net/tcp: proc(5)."""


def tcp_ports() -> set[int]:
    mine = {_target(link) for link in Path("/proc/self/fd").iterdir()}
    found: set[int] = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/self/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == LISTEN and f"socket:[{inode}]" in mine:
                found.add(int(local.rpartition(":")[2], 16))
    return found


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # the directory was listed through it
        return ""
