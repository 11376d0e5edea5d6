"""Puts the concrete parts behind the ports."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from suture.cli.engines import Engines
from suture.cli.options import Common, Judging
from suture.cli.progress import open_progress
from suture.judge import open_judge
from suture.loop.workshop import Workshop
from suture.store.at_work import at_work
from suture.store.home import Home
from suture.store.ledger import Ledger


@contextmanager
def open_workshop(common: Common, judging: Judging | None = None) -> Iterator[Workshop]:
    """Everything a stage needs; closes the judge's processes and the ledger at the end."""
    home = Home(common.home)
    ledger = Ledger(home.ledger)
    progress = open_progress()
    engines = Engines(home)
    try:
        with at_work(home), closing(open_judge(unsafe_local=(judging or Judging()).unsafe_local)) as judge:
            yield Workshop(
                home=home,
                ledger=ledger,
                judge=judge,
                identify_engine=engines.identify,
                open_engine=engines.open,
                hot_adapters=engines.hot_adapters,
                installed_engines=engines.installed,
                progress=progress,
            )
    finally:
        progress.finish()  # an error must not leave the terminal without its cursor
        ledger.close()


@contextmanager
def open_ledger(common: Common) -> Iterator[tuple[Home, Ledger]]:
    """For verbs that only read what was measured."""
    home = Home(common.home)
    ledger = Ledger(home.ledger)
    with closing(ledger), at_work(home):
        yield home, ledger
