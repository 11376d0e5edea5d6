"""A real cluster of Ray on this machine, and faults in it. Its driver is a process of its own."""

import json
import os
import resource
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from suture.judge.survivors import descendants

SUPPORT = Path(__file__).parent
SOURCE = str(SUPPORT.parents[1] / "src")
PATHS = f"{SOURCE}:{SUPPORT}"


TOKEN = secrets.token_hex(32)
"""One for all clusters of this process, which reads it once."""


def environment(folder: Path) -> dict[str, str]:
    """What nodes and drivers are started with."""
    (folder / "ray").mkdir(parents=True, exist_ok=True)
    (folder / "token").write_text(TOKEN)
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(folder / "token"),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_TMPDIR": str(folder),
        "RAY_worker_niceness": "0",
        "RAY_health_check_period_ms": "500",
        "RAY_health_check_failure_threshold": "4",
        "PYTHONPATH": PATHS,
        "SUTURE_NODE_CACHE": str(folder / "node-cache"),
    }


class RealCluster:
    """Nodes of one core each; a head whose port is ``address``."""

    def __init__(self, folder: Path, nodes: int = 3, **changes: str) -> None:
        self.folder, self.environment = folder, {**environment(folder), **changes}
        for name in (*self.environment, "RAY_AUTH_TOKEN"):
            os.environ.pop(name, None)
        os.environ.update({name: value for name, value in self.environment.items() if value})
        from ray.cluster_utils import Cluster

        self._cluster = Cluster()
        self.nodes: list = []
        self._guests: list = []
        for _ in range(nodes):
            self.add()

    @property
    def address(self) -> str:
        return self._cluster.address

    def add(self):
        head = {"include_dashboard": False, "temp_dir": str(self.folder / "r")} if not self.nodes else {}
        self.nodes.append(self._cluster.add_node(num_cpus=1, object_store_memory=100 << 20, **head))
        return self.nodes[-1]

    def guest(self, changes: dict[str, str]) -> None:
        """Add a node whose processes have another environment; it leaves with the next mend."""
        with patch.dict(os.environ, changes):
            self._guests.append(self._cluster.add_node(num_cpus=1, object_store_memory=100 << 20))

    def mend(self, count: int) -> None:
        """Replace nodes that were killed, and part with guests."""
        dead = [node for node in self.nodes[1:] if not node.live_processes()]
        for node in dead + self._guests:
            node.kill_all_processes(check_alive=False, allow_graceful=False)
            self._cluster.worker_nodes.discard(node)
        self.nodes = [node for node in self.nodes if node not in dead]
        self._guests.clear()
        while len(self.nodes) < count:
            self.add()

    @property
    def spared(self) -> int:
        """The process of the node that a driver on this machine belongs to: it would die with it."""
        return self.nodes[0].all_processes["raylet"][0].process.pid

    @property
    def head_pid(self) -> int:
        """The process without which there is no cluster."""
        return self.nodes[0].all_processes["gcs_server"][0].process.pid

    def close(self) -> None:
        for node in [*self._guests, *reversed(self.nodes)]:
            node.kill_all_processes(check_alive=False, allow_graceful=False)
        self._cluster.worker_nodes.clear()


class ClusterProcess:
    """A ``RealCluster`` in a process of its own: Ray's threads and open files are no business of a test's process."""

    def __init__(self, folder: Path, nodes: int = 3, **changes: str) -> None:
        self.environment = environment(folder)
        folder.mkdir(exist_ok=True)
        command = [sys.executable, str(SUPPORT / "ray_cluster.py"), str(folder), str(nodes), json.dumps(changes)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": PATHS},
        )
        _CLUSTERS.append(self._process.pid)
        self._read()

    def _read(self) -> None:
        assert self._process.stdout
        line = next((line for line in self._process.stdout if line.startswith("{")), None)
        assert line is not None, "the cluster's process ended"
        said = json.loads(line)
        self.address, self.spared, self.head_pid = said["address"], said["spared"], said["head_pid"]

    def mend(self) -> None:
        """Replace nodes that were killed, and part with guests."""
        self._ask({})

    def guest(self, **changes: str) -> None:
        """Add a node whose processes have another environment; it leaves with the next mend."""
        self._ask(changes)

    def _ask(self, changes: dict[str, str]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(changes) + "\n")
        self._process.stdin.flush()
        self._read()

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


@contextmanager
def real_cluster(folder: Path, nodes: int = 3, **changes: str) -> Iterator[ClusterProcess]:
    cluster = ClusterProcess(folder, nodes, **changes)
    try:
        yield cluster
    finally:
        cluster.close()


class Driver:
    """``ray_driver.py`` under way."""

    def __init__(self, root: Path, address: str | None, *flags: str, environment: Mapping[str, str] = {}) -> None:
        command = [sys.executable, str(SUPPORT / "ray_driver.py"), str(root), *([address] if address else []), *flags]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": PATHS, **environment},
        )
        self.said = ""

    def result(self, timeout: float = 240) -> dict[str, object] | None:
        """What it printed; None where it was killed or failed, and ``said`` tells how."""
        try:
            out, self.said = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, self.said = self.process.communicate()
            self.said += f"\nnot done after {timeout} s"
            return None
        return json.loads(out) if self.process.returncode == 0 else None


def plan(root: Path, **said: object) -> None:
    """From now on the fault that ``ray_work.strike`` reads happens once."""
    (root / "plan.json").write_text(json.dumps(said))


_CLUSTERS: list[int] = []
"""Processes that keep a cluster, as long as this one lives."""


def survivors(patience: float = 20.0) -> list[str]:
    """What is left of drivers that are gone, after ``patience`` seconds: their engines and judges on nodes, referees
    and sandboxes. To be asked when no driver runs, and after ``mark``."""
    assert resource.getrlimit(resource.RLIMIT_MSGQUEUE)[0] == _MARK, "what was started carries no mark"
    ends = time.monotonic() + patience
    while True:
        ours = {os.getpid()} | descendants() - {pid for cluster in _CLUSTERS for pid in descendants(cluster)}
        left = [f"{pid} {words}" for pid, words in _working() if pid not in ours]
        if not left or time.monotonic() > ends:
            return left
        time.sleep(0.2)


_WORKING = ("suture.judge", "from confined.worker", "ray::_Hosted")
"""Words in the command lines of referees, of the sandboxes' workers, and of what runs on a node."""
_MARK = 800_000 - os.getpid() % 400_000
"""Bytes of message queues (of which there are none): the one thing that a process takes on from the one that started
it whatever its environment, session, user and sandbox."""


@contextmanager
def mark() -> Iterator[None]:
    """Tell what this process starts from what others do: other tests run beside these.

    Raises:
        ValueError: a hard limit of this machine is below every mark.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_MSGQUEUE)
    resource.setrlimit(resource.RLIMIT_MSGQUEUE, (_MARK, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_MSGQUEUE, (soft, hard))


def _working() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if resource.prlimit(int(entry.name), resource.RLIMIT_MSGQUEUE)[0] != _MARK:
                continue
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if any(one in words for one in _WORKING) and state != "Z":
            yield int(entry.name), words


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def serve(folder: Path, nodes: int, changes: dict[str, str]) -> None:
    """Keep a cluster until standard input ends; every line of it is answered by one.

    ``{}`` mends the cluster, and anything else is the environment of a guest.
    """
    cluster = RealCluster(folder, nodes, **changes)
    try:
        while True:
            said = {"address": cluster.address, "spared": cluster.spared, "head_pid": cluster.head_pid}
            sys.stdout.write("\n" + json.dumps(said) + "\n")
            sys.stdout.flush()
            asked = sys.stdin.readline()
            if not asked:
                return
            if guest := json.loads(asked):
                cluster.guest(guest)
            else:
                cluster.mend(nodes)
    finally:
        cluster.close()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
