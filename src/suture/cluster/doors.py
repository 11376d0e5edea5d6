"""Shuts Ray's doors: a token on every port, no dashboard, no usage report, temporary files under the store.

Every process of Ray listens on all addresses, and what comes in is unpickled: who may speak may run programs. So no
cluster is used that does not ask for a token.
"""

import os
import secrets
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

from suture.core.errors import UsageError

MODE, TOKEN, TOKEN_FILE = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"
USUAL_TOKEN_FILE = Path(".ray", "auth_token")
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_ENABLE_AUTO_CONNECT": "0",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "15",
    "RAY_worker_niceness": "0",
}
"""No usage report; no hidden GPUs for work that asked for none; no cluster that starts itself when the one in use was
left; a head that is gone is noticed in seconds; engines and judges wait for a core no longer than the same command
without Ray, whose own way is to let all other work of a machine go first."""
_PROBE = """
import sys
from ray._raylet import GcsClient
GcsClient(address=sys.argv[1]).internal_kv_keys(b"", None, 10)
"""
"""Asks a cluster something; done by a process of its own, because Ray's libraries read a token once."""


def set_environment() -> None:
    """What Ray's libraries read when they are loaded: called before."""
    os.environ.update({MODE: "token", **QUIET})


@cache
def _own_token() -> str:
    """One for the life of this process: Ray's libraries read it once."""
    return secrets.token_hex(32)


def make_token(folder: Path) -> None:
    """A token of its own for processes of this machine, in a file that only this user reads."""
    path = folder / "token"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(_own_token())
    os.environ[TOKEN_FILE] = str(path)
    os.environ.pop(TOKEN, None)


def require_token(address: str) -> None:
    """Raises UsageError: this machine has no token for a cluster elsewhere."""
    named = os.environ.get(TOKEN_FILE)
    if os.environ.get(TOKEN) or (named and Path(named).is_file()):
        return
    if named:  # Ray looks there and nowhere else
        raise UsageError(f"{TOKEN_FILE} names {named}, and there is no such file", mend=f"unset {TOKEN_FILE}")
    if not (Path.home() / USUAL_TOKEN_FILE).is_file():
        raise UsageError(
            f"no token for the cluster at {address}",
            mend=f"ray get-auth-token --generate on its head, the same text in ~/{USUAL_TOKEN_FILE} on every node, and "
            f"{MODE}=token for every ray start",
        )


def require_locked(address: str) -> None:
    """Raises UsageError: nobody is there, the cluster has another token, or it answers whoever asks."""
    if why := unreachable(address):
        raise UsageError(f"no cluster at {address}: {why}", mend="ray start --head --port=6379 on its first machine")
    said = _probed(address, dict(os.environ))
    if "authentication" in said.lower():
        raise UsageError(
            f"the cluster at {address} has another token than this machine",
            mend="ray get-auth-token on its head, and the same text in ~/.ray/auth_token here",
        )
    if said:
        raise UsageError(f"no cluster at {address}: {last_line(said)}", mend="ray status, on its head")
    stranger = {**os.environ, TOKEN: secrets.token_hex(32)}
    stranger.pop(TOKEN_FILE, None)
    heard = _probed(address, stranger)
    if not heard:
        raise UsageError(
            f"the cluster at {address} asks nobody for a token, so whoever reaches it may run programs on every node",
            mend=f"start it again with {MODE}=token set for every ray start",
        )
    if "authentication" not in heard.lower():  # else it did not even look at the token
        raise UsageError(
            f"whether the cluster at {address} asks for a token cannot be told: {last_line(heard)}",
            mend="run the same command again, or ray status, on its head",
        )


def unreachable(address: str) -> str:
    """Why no connection is taken there; "" where one is."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
    except OSError as error:
        return error.strerror or str(error)
    except UnicodeError:
        return "no host has such a name"
    return ""


def _probed(address: str, environment: dict[str, str]) -> str:
    """What a question to the cluster ends in, asked by a process with these tokens; "" where it is answered."""
    asked = [sys.executable, "-c", _PROBE, address]
    try:
        done = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return "it does not answer"
    return "" if done.returncode == 0 else done.stderr or f"exit code {done.returncode}"


def last_line(error: object) -> str:
    """What an error says at its end, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__
