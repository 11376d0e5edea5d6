"""The screens about runs: the time line with live progress, the dataset, the training, and what was refused."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from suture.core.errors import UnknownName
from suture.core.model.adapter_records import AdapterRecord
from suture.core.model.scaling import ScaleChoice
from suture.core.plan.stages import SCALE, TRAIN
from suture.core.surrogates import encoded
from suture.store.store import Store
from suture.studio.live.library import Library
from suture.studio.live.pages import page, svg_file, tabs_of_run
from suture.studio.live.run_state import RunState, run_state
from suture.studio.live.taught_rows import by_target, dataset_of, left_out, row_view
from suture.studio.pages.cuts import CUTS
from suture.studio.pictures.training import training_pictures
from suture.studio.templating import rendered

SECONDS_BETWEEN = 1.0
ROWS_A_PAGE = 50


class Runs:
    def __init__(self, library: Library) -> None:
        self._library = library

    def routes(self) -> list[Route]:
        return [
            Route("/runs/{run}", self.time_line),
            Route("/runs/{run}/progress", self.progress),
            Route("/runs/{run}/dataset", self.dataset),
            Route("/runs/{run}/training", self.training),
            Route("/runs/{run}/training/{name}.svg", self.picture),
            Route("/graveyard", self.graveyard),
        ]

    def time_line(self, request: Request) -> Response:
        with self._library.store() as store:
            state = run_state(store, _entry(store, request))
            plan = store.ledger.plan(state.id)
            kinds = store.ledger.kind_seconds(state.id)
        recipe = plan.recipe
        facts = [
            ("model", recipe.model),
            ("base", recipe.base),
            ("strategy", recipe.train.strategy.value),
            ("suites", ", ".join(recipe.suites)),
            ("started", state.created_at),
            ("directory", state.directory),
            *((f"seconds, {kind}", f"{seconds:.0f}") for kind, seconds in kinds.items()),
        ]
        return page(
            "screens/run.html.jinja",
            title=f"{state.name} · run",
            head=_head(state, f"/runs/{state.id}"),
            state=state,
            facts=[(name, value) for name, value in facts if value],
        )

    async def progress(self, request: Request) -> Response:
        """Server-sent events: the time line as HTML whenever it changes, until the run ends or nobody listens."""
        run = request.path_params["run"]

        def state() -> RunState:
            with self._library.store() as store:
                return run_state(store, _find(store, run))

        async def events() -> AsyncIterator[bytes]:
            last = ""
            while not await request.is_disconnected():
                now = await run_sync(state)
                html = rendered("parts/timeline.html.jinja", state=now)
                if html != last:
                    last = html
                    yield encoded("".join(f"data: {line}\n" for line in html.split("\n")) + "\n")
                if not now.running:
                    yield b"event: end\ndata: end\n\n"
                    return
                await anyio.sleep(SECONDS_BETWEEN)

        return StreamingResponse(events(), media_type="text/event-stream", headers={"cache-control": "no-store"})

    def dataset(self, request: Request) -> Response:
        asked = request.query_params
        with self._library.store() as store:
            state = run_state(store, _entry(store, request), whole=False)
            found = dataset_of(store, state.id, state.directory)
        rows = [] if found is None else list(found.rows)
        if kind := asked.get("kind"):
            rows = [row for row in rows if row.kind.value == kind]
        if task := asked.get("q"):
            rows = [row for row in rows if task.lower() in row.task_id.lower()]
        start = int(asked.get("from", "0")) if asked.get("from", "0").isdigit() else 0
        shown = rows[start : start + ROWS_A_PAGE]
        return page(
            "screens/dataset.html.jinja",
            title=f"{state.name} · dataset",
            head=_head(state, f"/runs/{state.id}/dataset"),
            state=state,
            dataset=found,
            rows=[row_view(row) for row in shown],
            total=len(rows),
            start=start,
            step=ROWS_A_PAGE,
            kind=asked.get("kind", ""),
            q=asked.get("q", ""),
            left_out=[] if found is None else list(left_out(found)),
            targets=[] if found is None else by_target(found),
            room=CUTS[0].changed,
        )

    def training(self, request: Request) -> Response:
        with self._library.store() as store:
            state = run_state(store, _entry(store, request), whole=False)
            record, choice = _trained(store, state.id)
        return page(
            "screens/training.html.jinja",
            title=f"{state.name} · training",
            head=_head(state, f"/runs/{state.id}/training"),
            state=state,
            record=record,
            choice=choice,
            curves=[] if record is None else list(training_pictures(record, choice)),
        )

    def picture(self, request: Request) -> Response:
        """One curve of the training as a file."""
        with self._library.store() as store:
            record, choice = _trained(store, _entry(store, request)["id"])
        found = {} if record is None else dict(training_pictures(record, choice))
        return svg_file(found, request.path_params["name"])

    def graveyard(self, request: Request) -> Response:
        with self._library.store() as store:
            states = [run_state(store, entry, whole=False) for entry in store.ledger.runs()]
        refused = [state for state in reversed(states) if state.decision in ("reject", "hold")]
        return page("screens/graveyard.html.jinja", title="graveyard", at="/graveyard", runs=refused)


def _trained(store: Store, run: str) -> tuple[AdapterRecord | None, ScaleChoice | None]:
    return store.ledger.result(run, TRAIN), store.ledger.result(run, SCALE)


def _entry(store: Store, request: Request) -> dict[str, Any]:
    return _find(store, request.path_params["run"])


def _find(store: Store, run: str) -> dict[str, Any]:
    runs = store.ledger.runs()
    found = next((entry for entry in runs if entry["id"] == run), None)
    if found is None:
        raise UnknownName("run", run, {entry["id"] for entry in runs}, mend="suture report --list")
    return found


def _head(state: RunState, at: str) -> dict[str, object]:
    return tabs_of_run(state.id, state.name, at, decided=bool(state.decision))
