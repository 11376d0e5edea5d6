"""Opens everything a stage needs, with the concrete parts behind the ports."""

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from suture.core.plan.ports import Progress
from suture.judge import open_judge
from suture.loop.workshop import Silent, Workshop
from suture.store.store import open_store
from suture.wiring.engines import TableEngines
from suture.wiring.gguf_packs import GgufPacks


@contextmanager
def open_workshop(
    home: Path | str | None = None,
    *,
    unsafe_local: bool = False,
    progress: Progress | None = None,
    on: str | None = None,
) -> Generator[Workshop]:
    """Closes the judge's processes, the ledger and the display of progress at the end.

    Args:
        home: the store's directory; by default ``$SUTURE_HOME``, else the nearest ``.suture`` upwards.
        unsafe_local: judge programs without a sandbox. Every report says so.
        on: where models answer and programs are judged: ``ray`` or ``ray=HOST:PORT``; by default in this process.
    """
    progress = progress or Silent()
    try:
        with open_store(home) as store:
            if on is not None:
                from suture.wiring.on_cluster import open_cluster_workshop

                with open_cluster_workshop(on, store, progress, unsafe_local=unsafe_local) as workshop:
                    yield workshop
                return
            with closing(open_judge(unsafe_local=unsafe_local)) as judge:
                engines = TableEngines(store.home)
                yield Workshop(store=store, judge=judge, engines=engines, packs=GgufPacks(), progress=progress)
    finally:
        progress.finish()  # an error must not leave the terminal without its cursor
