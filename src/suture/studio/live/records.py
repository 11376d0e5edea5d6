"""The screens about the store as a whole: models and runs, the ledger and what a digest names, the choice of two."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from suture.core.errors import BadFile, SutureError
from suture.core.model.registry_events import models, numbered_events, overrides, pack_of
from suture.core.plan.stages import GATE_BENCH
from suture.store.store import Store
from suture.studio.live.digest_search import DigestSearch
from suture.studio.live.library import Library
from suture.studio.live.pages import fragment, page, svg_file
from suture.studio.live.run_state import RunState, run_state
from suture.studio.pictures.frame import Svg
from suture.studio.pictures.tradeoff import Point, tradeoff
from suture.studio.templating import rendered

MOST_EVENTS = 200
MOST_POINTS = 12
VERIFIED_AT_ONCE = 300_000
"""Records that are checked while somebody waits; a larger store is checked by the command."""


class Records:
    def __init__(self, library: Library) -> None:
        self._library = library

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/repaired-against-lost.svg", self.picture),
            Route("/ledger", self.ledger),
            Route("/ledger/verify", self.verify),
            Route("/compare", self.compare),
        ]

    def home(self, request: Request) -> Response:
        files = list(enumerate(self._library.files))
        try:
            with self._library.store() as store:
                states = [run_state(store, entry, whole=False) for entry in reversed(store.ledger.runs())]
                events = store.ledger.events()
                measured = _measured(store, states)
        except BadFile as error:
            return page(
                "screens/home.html.jinja",
                title="home",
                at="/",
                runs=[],
                models=[],
                files=files,
                experiments=self._library.experiments,
                why=str(error),
                plot="",
            )
        named = [
            {
                "name": model,
                "alias": alias,
                "pack": pack_of(events, model, alias) or "",
                "since": list(numbered_events(events, model, alias))[-1],
                "overrides": len(overrides(events, model)),
            }
            for model, alias in models(events)
        ]
        return page(
            "screens/home.html.jinja",
            title="home",
            at="/",
            runs=states,
            models=named,
            files=files,
            experiments=self._library.experiments,
            why="",
            plot=self._plot(measured),
        )

    def picture(self, request: Request) -> Response:
        """Repaired against lost, as a file."""
        with self._library.store() as store:
            states = [run_state(store, entry, whole=False) for entry in reversed(store.ledger.runs())]
            measured = _measured(store, states)
        plot = self._plot(measured)
        return svg_file({"repaired-against-lost": plot} if plot else {}, "repaired-against-lost")

    def _plot(self, runs: list[RunState]) -> Svg:
        """Repaired against lost."""
        points: list[Point] = []
        for state in runs:
            try:
                found = self._library.run(state.id)
            except SutureError:
                continue  # a run whose files were removed has no place in the picture; its own page says why
            gate = found.gate
            if gate is None:
                continue
            style = {"promote": "gained", "reject": "lost", "hold": "hold"}[state.decision]
            failing = sum(1 for one in found.pairs if one.before and not one.before.verdict.passed)
            lost = len(gate.lost)
            word = state.decision
            points.append(Point(found.name, lost, len(gate.repaired), len(gate.protected), failing, style, word))
        return tradeoff(points) if points else Svg()

    def ledger(self, request: Request) -> Response:
        asked = request.query_params.get("digest", "").strip().lower()
        with self._library.store() as store:
            records, head = store.ledger.head
            events = list(numbered_events(store.ledger.events()))[-MOST_EVENTS:]
            counts = store.ledger.counts()
        search = DigestSearch(self._library, asked)
        return page(
            "screens/ledger.html.jinja",
            title="ledger",
            at="/ledger",
            records=records,
            head=head,
            counts=counts,
            events=list(reversed(events)),
            asked=asked,
            search=search,
            home=self._library.home,
        )

    def verify(self, request: Request) -> Response:
        with self._library.store() as store:
            records = store.ledger.records_in_all
        if records > VERIFIED_AT_ONCE:
            return fragment(rendered("parts/verified.html.jinja", found=None, records=records))
        return fragment(rendered("parts/verified.html.jinja", found=self._library.verify(), records=records))

    def compare(self, request: Request) -> Response:
        before, after = request.query_params.get("a", ""), request.query_params.get("b", "")
        if before and after:
            return RedirectResponse(f"/v/{before}~{after}/", status_code=303)
        choices = [(f"file-{number}", name) for number, name in enumerate(self._library.files)]
        try:
            with self._library.store() as store:
                runs = [run_state(store, entry, whole=False) for entry in reversed(store.ledger.runs())]
        except BadFile:
            runs = []
        for state in runs:
            if state.decision:
                choices += [
                    (f"run-{state.id}.{side}", f"{state.name} {state.id}, {side}") for side in ("before", "after")
                ]
        return page("screens/compare.html.jinja", title="compare", at="/compare", choices=choices, a=before, b=after)


def _measured(store: Store, states: Sequence[RunState]) -> list[RunState]:
    """The latest runs that have a decision about a candidate that was measured."""
    decided = [one for one in states if one.decision and store.ledger.finished(one.id, GATE_BENCH)]
    return decided[:MOST_POINTS]
