"""Ray behind the port to a cluster. The only file of Suture that imports ray."""
# Types are checked where ray is not installed, too: it is not in the lock.
# pyright: basic, reportMissingImports=false

import atexit
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Any

import ray as _ray
from ray import exceptions
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from suture.cluster import doors
from suture.cluster.doors import last_line
from suture.cluster.line import Line
from suture.cluster.nodes import ClusterGone, Lost, Node, environment_of
from suture.core import errors
from suture.core.errors import Fault, MissingTool, SutureError, UsageError
from suture.machine.cores import usable_cores

ray: Any = _ray
"""Its own annotations leave half of it unknown to a type checker."""
VERSION: str = ray.__version__
START_S = 120.0
"""Seconds that a process may take to start on a node."""
LEAVING_S = 10.0
"""Seconds that threads have to hear that what they ask was stopped."""
HEAD_S = 6.0
"""Seconds that the head of a cluster may be away."""
STORE_BYTES = 200 << 20
"""Shared memory of a node of this machine: requests, answers, and packs on their way."""


class _Hosted:
    """An object in a process of its own; whatever its methods raise on purpose crosses as plain data."""

    def __init__(self) -> None:
        self._object: object = None
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()

    def make(self, make: Callable[[], object], environment: dict[str, str | None]) -> tuple[Any, ...]:
        for name, value in environment.items():  # Ray sets some of its own, such as one OpenMP thread
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
        return _told(lambda: self._keep(make()))

    def _keep(self, made: object) -> None:
        self._object = made

    def call(self, method: str, arguments: bytes) -> bytes:
        """Pickled here and there: Ray's own pickling looks at each object in Python, and takes three times as long."""
        return pickle.dumps(_told(lambda: getattr(self._object, method)(*pickle.loads(arguments))))  # noqa: S301


def _end_with_parent(parent: int) -> None:
    """End this process when its node's is gone: one that Ray forgot would hold a model, and lanes, for ever."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _told(work: Callable[[], Any]) -> tuple[Any, ...]:
    try:
        return ("done", work())
    except SutureError as error:
        return ("raised", type(error).__name__, str(error), error.mend)
    except OSError as error:
        kind = "DiskFull" if error.errno in errors.RAN_FULL else "Fault"
        return ("raised", kind, f"{error.filename or ''}: {error.strerror or error}".lstrip(": "), None)


def _value_of(told: tuple[Any, ...]) -> Any:
    """Raises SutureError: what was raised on the node."""
    if told[0] == "done":
        return told[1]
    _, kind, message, mend = told
    known = getattr(errors, kind, Fault)
    error = known.__new__(known)
    SutureError.__init__(error, message, mend=mend)
    raise error


class RayProcess:
    """Args:
    line: closed once the cluster is left or gone: Ray ends the process that asks anything of it then.
    gpus: that Ray gave to it, and named to it.
    """

    def __init__(self, handle: Any, line: Line, *, gpus: int = 0) -> None:
        self._handle, self._line, self._gpus = handle, line, gpus

    def make(self, make: Callable[[], object]) -> None:
        kept = environment_of(os.environ, gpus=self._gpus)
        _value_of(self._got(self._handle.make, make, kept, timeout=START_S))

    def call(self, method: str, *arguments: Any) -> Any:
        told = self._got(self._handle.call, method, pickle.dumps(arguments))
        return _value_of(pickle.loads(told))  # noqa: S301 - from a process that this one started

    def _got(self, method: Any, *arguments: Any, timeout: float | None = None) -> Any:
        with self._line.asking():
            return self._awaited(method.remote(*arguments), timeout)

    @staticmethod
    def _awaited(reference: Any, timeout: float | None) -> Any:
        try:
            return ray.get(reference, timeout=timeout)
        except exceptions.RayTaskError as error:
            raise Fault(f"on a node: {last_line(error)}") from error
        except exceptions.ActorDiedError as error:
            if "ModuleNotFoundError" in str(error):
                raise MissingTool(f"Suture is not installed there ({last_line(error)})") from error
            raise Lost(last_line(error)) from error
        except exceptions.RayError as error:
            raise Lost(last_line(error)) from error

    def stop(self) -> None:
        try:
            with self._line.asking():
                ray.kill(self._handle, no_restart=True)
        except (Lost, exceptions.RayError, ValueError, RuntimeError):
            return  # it is gone already


class RayNodes:
    """Args:
    address: of a cluster that this machine has joined; None to start one here.
    folder: a directory with a short path, whose files are removed with the store's.

    Raises:
        UsageError: no cluster there, one without a token, or another token than this machine's.
        Fault: Ray did not start.
    """

    def __init__(self, address: str | None, folder: Path) -> None:
        if ray.is_initialized():
            raise UsageError("Ray is in use in this process already", mend="ray.shutdown() first")
        if address is None:
            doors.make_token(folder)
        else:
            doors.require_token(address)
            doors.require_locked(address)
        _start(address, folder)
        self._talk = ExitStack()
        self._talk.enter_context(redirect_stdout(sys.stderr))  # Ray prints there what it has to say of lost processes
        self._head = ray.get_runtime_context().gcs_address
        self._unheard_since: float | None = None
        self._line = Line()

    def alive(self) -> list[Node]:
        self._require_head()
        try:
            with self._line.asking():
                found = ray.nodes()
        except (Lost, exceptions.RayError, RuntimeError, ConnectionError) as error:
            raise ClusterGone(last_line(error)) from error
        alive = [
            Node(
                id=node["NodeID"],
                host=node["NodeManagerHostname"],
                cores=int(node["Resources"].get("CPU", 0)),
                gpus=int(node["Resources"].get("GPU", 0)),
            )
            for node in found
            if node["Alive"]
        ]
        if not alive:
            raise ClusterGone("no node of it is alive")
        return alive

    def start(self, node: Node, make: Callable[[], object], *, gpus: int = 0) -> RayProcess:
        placed = NodeAffinitySchedulingStrategy(node.id, soft=False)
        hosted = ray.remote(_Hosted).options(
            num_cpus=0, num_gpus=gpus, max_restarts=0, max_task_retries=0, scheduling_strategy=placed
        )
        try:
            with self._line.asking():
                process = RayProcess(hosted.remote(), self._line, gpus=gpus)
        except (exceptions.RayError, RuntimeError) as error:
            raise Lost(last_line(error)) from error
        try:
            process.make(make)
        except BaseException:
            process.stop()
            raise
        return process

    def close(self) -> None:
        """Without its head Ray ends the process that asks anything of it, so nothing more is asked of that cluster; nor
        may a thread be asking when it is left. What they ask has been stopped by then, so they hear of it soon."""
        if self._line.is_open:
            self._line.close(wait_s=LEAVING_S)
            ray.shutdown()
        else:
            atexit.unregister(ray.shutdown)
        self._talk.close()

    def _require_head(self) -> None:
        """Raises ClusterGone: its head takes no connection for some seconds, which is less than Ray itself waits."""
        while why := doors.unreachable(self._head):
            now = time.monotonic()
            self._unheard_since = self._unheard_since or now
            if now - self._unheard_since > HEAD_S:
                self._line.close()
                raise ClusterGone(f"its head at {self._head} does not answer: {why}")
            time.sleep(0.5)
        self._unheard_since = None


def _start(address: str | None, folder: Path) -> None:
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    here: dict[str, Any] = {
        "address": "local",  # whatever RAY_ADDRESS says
        "include_dashboard": False,
        "_temp_dir": str(folder),
        "object_store_memory": STORE_BYTES,
        "num_cpus": usable_cores(),
    }
    try:
        ray.init(**quiet, **(here if address is None else {"address": address}))
    except (ConnectionError, RuntimeError, ValueError, exceptions.RayError, TimeoutError) as error:
        ray.shutdown()
        if address is None:
            raise Fault(f"Ray does not start here: {last_line(error)}") from error
        raise UsageError(
            f"no way into a cluster at {address}: {last_line(error)}",
            mend=f"ray start --address={address} --num-cpus=0 on this machine, with the cluster's versions",
        ) from error
