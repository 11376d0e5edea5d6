"""Reads where work is to be done: ``ray`` for processes of this machine, ``ray=HOST:PORT`` for a cluster. Pure."""

import re

from suture.core.errors import UsageError

RAY = "ray"
USUAL_PORT = 6379
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?")


def address_of(written: str) -> str | None:
    """The ``HOST:PORT`` of a cluster; None for processes of this machine.

    Raises:
        UsageError: neither of the two.
    """
    name, equals, address = written.strip().partition("=")
    if name.startswith("ray://") or address.startswith("ray://"):
        raise UsageError(
            f"--on {written}: ray:// is Ray Client, through which a driver is no part of the cluster",
            mend=f"ray start --address=HOST:{USUAL_PORT} --num-cpus=0 on this machine, then --on ray=HOST:{USUAL_PORT}",
        )
    if name != RAY:
        raise UsageError(f"--on {written}: not ray, nor ray=HOST:PORT", mend="--on ray")
    if not equals:
        return None
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"] or USUAL_PORT) < 1 << 16:
        raise UsageError(f"--on {written}: {address!r} is no HOST:PORT", mend=f"--on ray=HOST:{USUAL_PORT}")
    return f"{found['host']}:{found['port'] or USUAL_PORT}"
