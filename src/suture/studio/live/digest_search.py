"""What the beginning of a digest names: a run, a file, a pack, a task, one answer that was measured or served."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from string import hexdigits

from suture.core.errors import BadFile, SutureError
from suture.core.model.registry_events import numbered_events
from suture.store.served_file import served_records
from suture.store.store import Store
from suture.studio.live.library import Library
from suture.studio.pairing import Pair
from suture.studio.shown import Shown

LEAST = 6
"""Digits of a digest that say enough."""
MOST_FOUND = 50
SECONDS = 1.2
"""How long answers are looked for while somebody waits."""


@dataclass(frozen=True)
class Named:
    """``at``: a page about it; empty where there is none."""

    what: str
    digest: str
    at: str = ""


class DigestSearch:
    """Attributes:
    found: at most 50.
    unread: runs that there was no time to look through.
    """

    def __init__(self, library: Library, digest: str) -> None:
        self.found: list[Named] = []
        self.unread = 0
        if len(digest) >= LEAST and set(digest) <= set(hexdigits):
            self._look(library, digest)

    def _look(self, library: Library, digest: str) -> None:
        with library.store() as store:
            self.found.extend(_of_store(store, digest))
            runs = [entry["id"] for entry in reversed(store.ledger.runs())]
            served = store.home.served
        until = time.monotonic() + SECONDS
        for number in range(len(library.files)):
            self._look_in(partial(library.file, number), f"file-{number}", digest)
        for at, run in enumerate(runs):
            if time.monotonic() > until:
                self.unread = len(runs) - at
                break
            self._look_in(partial(library.run, run), f"run-{run}", digest)
        try:
            with served_records(served) as file:
                self.found.extend(
                    Named(
                        f"answer that was served, to {record.id}",
                        text_digest,
                        f"/traffic?show=all&id={record.id}.{choice}",
                    )
                    for record, choice, text_digest in file.answers_like(digest, most=MOST_FOUND)
                )
        except BadFile:
            pass  # nothing was served here
        del self.found[MOST_FOUND:]

    def _look_in(self, read: Callable[[], Shown], key: str, digest: str) -> None:
        """Tasks and answers of one run or file, whose page is at ``key``; of one that cannot be read there are none."""
        try:
            page = read()
        except SutureError:
            return
        for number, one in enumerate(page.pairs):
            for side, value in _digests(one):
                if value.startswith(digest):
                    self.found.append(
                        Named(f"{one.task_id} of {page.name}, {side}", value, f"/v/{key}/task/{number}?page")
                    )


def _digests(one: Pair) -> Iterator[tuple[str, str]]:
    for side, row in (("before", one.before), ("after", one.after)):
        if row is not None:
            yield f"answer {side}", row.attempt
            yield f"prompt {side}", row.prompt
    yield "what was asked", one.any.digest


def _of_store(store: Store, digest: str) -> Iterator[Named]:
    for entry in store.ledger.runs():
        if entry["id"].startswith(digest):
            yield Named(f"run {entry['name']}", entry["id"], f"/runs/{entry['id']}")
    for path, sha256 in store.ledger.files().items():
        if sha256.startswith(digest):
            yield Named(f"file {path}, by record {store.ledger.file_record(path)}", sha256)
    for found in numbered_events(store.ledger.events()):
        event = found.event
        for what, value in (("pack", event.pack), ("gate report", event.gate_report or "")):
            if value.startswith(digest):
                yield Named(f"{what} of event {found.number}, {event.alias} of {event.model}", value)
