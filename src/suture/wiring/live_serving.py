"""Serves what names point at now, and goes on doing so when they are moved. Nobody has to tell the server."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from suture.core.errors import SutureError, UsageError
from suture.core.model.model_names import registered_name
from suture.core.plan.ports import Judge
from suture.judge import open_judge
from suture.router.router import Router
from suture.router.written import WrittenRoutes
from suture.serve.examiner import JudgingExaminer
from suture.serve.live_responder import LiveResponder
from suture.serve.shelf import Shelf
from suture.serve.steering import Steering
from suture.store.home import Home
from suture.store.pointers import Pointers
from suture.wiring.serve import Serving
from suture.wiring.serve_learning import Learning
from suture.wiring.serve_models import ModelLoader, OpenSpeaker
from suture.wiring.serve_named import Named, NameFinder
from suture.wiring.serve_sources import SHADOW, Source, Sources
from suture.wiring.serve_table import TableBuilder

POLL_S = 0.2
"""Between two looks at the registry."""
AGAIN_S = 5.0
"""Until what could not be served is tried once more."""


@asynccontextmanager
async def open_live(
    home: Path | None,
    written: WrittenRoutes,
    router: Router,
    serving: Serving,
    *,
    directory: Path = Path(),
    plain: bool = False,
    open_speaker: OpenSpeaker | None = None,
    judge: Callable[[], Judge] = lambda: open_judge(workers=1),
    note_pack: Callable[[str, Path], None] | None = None,
    recorded: bool = False,
    chance: Random | None = None,
    poll: float = POLL_S,
) -> AsyncGenerator[LiveResponder]:
    """Load everything, and follow the registry until it is closed; in the event loop that will ask it.

    Args:
        directory: what the paths of policies are relative to.
        plain: there is no routes file, and one model answers under its name.
        open_speaker, judge, chance: for tests.
        note_pack: told of each file that is loaded.
        recorded: what is answered is recorded in the store, so that it can steer.

    Raises:
        UsageError: a route has several policies, and nothing is recorded.
        UsageError and its children: a name that means nothing, a file that cannot be served, or no sandbox where
            answers have to be run.
    """
    if (several := [route.name for route in written.routes if route.policies]) and not recorded:
        raise UsageError(
            f"route {several[0]!r} has several policies, and steering learns from records",
            mend="leave out --no-record, or write one `model` in place of `policies`",
        )
    examiner, shelf = JudgingExaminer(judge), Shelf()
    try:
        loader = ModelLoader(home, serving, open_speaker, note_pack)
        counted = recorded and not plain
        builder = TableBuilder(written, router, loader, examiner, plain=plain, counted=counted)
        finder = NameFinder(written, Sources(home), directory)
        named = await asyncio.to_thread(finder.find)
        table, _ = await builder.build(named, shelf, None)
        steering = Steering(written.steering, chance) if counted else None
        live = LiveResponder(table, shelf, steering)
        live.swap(table)
        tasks: dict[str, asyncio.Task[None]] = {}
        try:
            following = _Following(Home(home).ledger, builder, finder, live, named)
            tasks["registry"] = asyncio.create_task(following.run(poll))
            if steering is not None:
                learning = Learning(Home(home).served, steering)
                await learning.once()
                tasks["steering"] = asyncio.create_task(learning.run(poll))
            for what, task in tasks.items():
                task.add_done_callback(lambda task, what=what: _say_if_it_died(task, live, what))
            yield live
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            await live.shadows.close()
    finally:
        await shelf.close()
        await asyncio.to_thread(examiner.close)


class _Following:
    """Follows the aliases of what is served."""

    def __init__(
        self, ledger: Path, builder: TableBuilder, finder: NameFinder, live: LiveResponder, named: Named
    ) -> None:
        self._ledger, self._builder, self._finder = ledger, builder, finder
        self._live, self._named = live, named
        self._alone = ThreadPoolExecutor(1, thread_name_prefix="registry")
        self._pointers: Pointers | None = None

    async def run(self, poll: float) -> None:
        """For ever."""
        aliases = self._aliases()
        loop = asyncio.get_running_loop()
        seen, again = None, 0.0
        try:
            while aliases:
                moved = await loop.run_in_executor(self._alone, self._moved, aliases)
                if moved != seen or (self._live.unserved and loop.time() >= again):
                    await self._follow()
                    again = loop.time() + AGAIN_S
                seen = moved
                await asyncio.sleep(poll)
        finally:
            self._alone.submit(self._close)
            self._alone.shutdown(wait=False)

    def _aliases(self) -> frozenset[tuple[str, str]]:
        """The aliases behind what is served, and their shadows."""
        written = self._builder.written
        fallback = written.fallback.model if written.fallback and written.asks_fallback else None
        names = [*(one.model for route in written.routes for one in route.ways.values()), fallback]
        asked = [registered_name(name) for name in names if name is not None]
        known = [(one.model, alias) for one in asked if one is not None for alias in (one.alias, SHADOW)]
        return frozenset(known) if any("event" in one.about for one in self._all_named()) else frozenset()

    def _all_named(self) -> list[Source]:
        return [*self._named.routes.values(), *([self._named.fallback] if self._named.fallback else [])]

    def _moved(self, aliases: frozenset[tuple[str, str]]) -> dict[tuple[str, str], int]:
        if self._pointers is None:
            self._pointers = Pointers(self._ledger)
        return self._pointers.moved(aliases)

    def _close(self) -> None:
        if self._pointers is not None:
            self._pointers.close()

    async def _follow(self) -> None:
        """Load what names point at now, and then serve it; whatever fails leaves what is served."""
        before = self._live.table
        try:
            named = await asyncio.to_thread(self._finder.find, self._named)
            table, troubles = await self._builder.build(named, self._live.shelf, before)
        except SutureError as error:
            self._live.swap(before, {"registry": f"nothing was changed, because {error}"})
            return
        self._named = named
        self._live.swap(before if table.routes == before.routes else table, troubles)


def _say_if_it_died(task: asyncio.Task[None], live: LiveResponder, what: str) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        live.note_troubles({what: f"it is not followed any more: {error}"})
