"""The screen about routers: routes of a routes file, where prompts go and why, and the routes that answers took."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from suture.core.errors import BadFile, SutureError
from suture.store.served_file import served_records
from suture.studio.live.library import Library
from suture.studio.live.pages import fragment, page, svg_file
from suture.studio.pages.routing import leaks_fragment, routes_fragment, routing_commands
from suture.studio.pictures.leaks import leak_matrix
from suture.studio.templating import rendered

MOST_PROMPT = 4_000
"""Characters of a prompt that is explained: it stands in the address."""
NEWEST = 500


@dataclass(frozen=True)
class Taken:
    """Answers, and those of them that the fallback gave, by the name that was asked for and the route."""

    records: int
    answers: Counter[tuple[str, str]]
    fallback: Counter[tuple[str, str]]


class Routing:
    def __init__(self, library: Library) -> None:
        self._library = library

    def routes(self) -> list[Route]:
        return [
            Route("/routing", self.first),
            Route("/routing/{number:int}/", self.screen),
            Route("/routing/{number:int}/leaks", self.leaks),
            Route("/routing/{number:int}/leaks.svg", self.picture),
        ]

    def first(self, request: Request) -> Response:
        if self._library.routers:
            return RedirectResponse("/routing/0/", status_code=303)
        return self._page(page=None, commands=routing_commands("routes.yaml"))

    def screen(self, request: Request) -> Response:
        number, asked = request.path_params["number"], request.query_params
        found, suites = self._library.routing(number), _suites(request)
        prompt, tools, schema = asked.get("prompt", ""), "tools" in asked, "schema" in asked
        explained = ""
        if prompt.strip() and not found.trouble:
            explained = self._explained(number, prompt[:MOST_PROMPT], tools=tools, schema=schema)
        return self._page(
            page=found,
            number=number,
            names=self._library.routers,
            routes=Markup(routes_fragment(found)),  # noqa: S704 - autoescaped
            prompt=prompt,
            tools=tools,
            schema=schema,
            suites=suites,
            query=_query(suites),
            explained=Markup(explained),  # noqa: S704 - autoescaped
            most=MOST_PROMPT,
            commands=routing_commands(found.name),
        )

    def leaks(self, request: Request) -> Response:
        """The matrix as a fragment; why there is none, where a suite is not at hand."""
        try:
            audit = self._library.leaks(request.path_params["number"], _suites(request))
        except SutureError as error:
            return fragment(rendered("screens/error.html.jinja", what=str(error), mend=error.mend or ""))
        at = f"/routing/{request.path_params['number']}/leaks.svg{_query(_suites(request))}"
        link = Markup('<p class="small"><a href="{}">leaks.svg</a></p>').format(at)
        return fragment(Markup(leaks_fragment(audit)) + link)  # noqa: S704 - autoescaped

    def picture(self, request: Request) -> Response:
        audit = self._library.leaks(request.path_params["number"], _suites(request))
        return svg_file({"leaks": leak_matrix(audit)}, "leaks")

    def _explained(self, number: int, prompt: str, *, tools: bool, schema: bool) -> str:
        found = self._library.explain(number, prompt, tools=tools, schema=schema)
        scores = sorted(found.routed.scores.items(), key=lambda one: -one[1])
        return rendered("parts/explained.html.jinja", found=found, scores=scores, prompt=prompt)

    def _page(self, **context: Any) -> Response:
        return page("screens/routing.html.jinja", title="routing", at="/routing", taken=self._taken(), **context)

    def _taken(self) -> Taken | None:
        """Of the newest records; None where nothing was served, or nothing took a route."""
        answers: Counter[tuple[str, str]] = Counter()
        fallback: Counter[tuple[str, str]] = Counter()
        try:
            with self._library.store() as store:
                path = store.home.served
            with served_records(path) as file:
                records = list(file.records(newest=NEWEST))
        except BadFile:
            return None
        for record in records:
            for how in (answer.how for answer in record.answers):
                if how is not None and how.mode:
                    answers[record.model, how.route] += 1
                    fallback[record.model, how.route] += bool(how.fallback)
        return Taken(len(records), answers, fallback) if answers else None


def _suites(request: Request) -> list[str]:
    """Selectors that stand in the address, between blanks or each under its own ``suite``."""
    return [one for value in request.query_params.getlist("suite") for one in value.split()]


def _query(suites: list[str]) -> str:
    return f"?{urlencode({'suite': ' '.join(suites)})}" if suites else ""
