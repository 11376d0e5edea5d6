"""A workshop and a store, opened as the options of a verb say."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from suture.cli.options import Common, Judging
from suture.cli.progress import open_progress, shown_progress
from suture.core.plan.ports import Judge, Progress
from suture.judge import open_judge as _open_judge
from suture.loop.workshop import Workshop
from suture.store.store import Store
from suture.store.store import open_store as _open_store
from suture.store.store import open_store_alone as _open_store_alone
from suture.store.store import open_store_to_read as _open_store_to_read
from suture.wiring.open_workshop import open_workshop as _open_workshop


def open_workshop(common: Common, judging: Judging | None = None) -> AbstractContextManager[Workshop]:
    unsafe_local = (judging or Judging()).unsafe_local
    return _open_workshop(common.home, unsafe_local=unsafe_local, progress=open_progress())


@contextmanager
def open_judge(judging: Judging | None = None) -> Generator[tuple[Judge, Progress]]:
    """A judge without a store, and a display of how far it is."""
    with shown_progress() as progress, _open_judge(unsafe_local=(judging or Judging()).unsafe_local) as judge:
        yield judge, progress


def open_store(common: Common) -> AbstractContextManager[Store]:
    """Open the store for verbs that measure nothing."""
    return _open_store(common.home)


def open_store_to_read(common: Common) -> AbstractContextManager[Store]:
    """Open the store for verbs that only read: where there is none, none is made."""
    return _open_store_to_read(common.home)


def open_store_alone(common: Common) -> AbstractContextManager[Store]:
    """Open the store for verbs that remove what others may be reading."""
    return _open_store_alone(common.home)
