"""Lets one process at a time drive a cluster for a store."""

from collections.abc import Generator
from contextlib import contextmanager

from suture.core.errors import UsageError
from suture.machine.mounts import on_network
from suture.store.store import Store

DRIVER = "driver"


@contextmanager
def only_driver(store: Store) -> Generator[None]:
    """Hold the store for one cluster; the kernel gives it back when the process ends, however it ends.

    Raises:
        UsageError: another process drives a cluster for this store, or locks cannot be trusted where it lies.
    """
    if kind := on_network(store.home.root):
        raise UsageError(
            f"{store.home.root} lies on a network file system ({kind}), whose locks another machine may not see",
            mend="name a store on a disk of this machine: --home DIR or SUTURE_HOME",
        )
    with store.locks.hold(DRIVER, wait=False) as held:
        if not held:
            raise UsageError(
                f"another process already drives a cluster for the store {store.home.root}",
                mend="wait until it has ended, or name another store: --home DIR",
            )
        yield
