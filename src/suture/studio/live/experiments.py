"""The screen about a grid of repairs."""

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from suture.studio.live.library import Library
from suture.studio.live.pages import page, svg_file
from suture.studio.pages.experiment import experiment_commands, experiment_fragment


class Experiments:
    def __init__(self, library: Library) -> None:
        self._library = library

    def routes(self) -> list[Route]:
        return [
            Route("/experiment/{number:int}/", self.screen),
            Route("/experiment/{number:int}/{name}.svg", self.picture),
        ]

    def screen(self, request: Request) -> Response:
        number: int = request.path_params["number"]
        pictures = self._library.experiment(number)
        name = self._library.experiments[number]
        return page(
            "screens/experiment.html.jinja",
            title="experiment",
            name=name,
            body=Markup(experiment_fragment(pictures, svg_at=f"/experiment/{number}/")),  # noqa: S704 - autoescaped
            commands=experiment_commands(name),
        )

    def picture(self, request: Request) -> Response:
        return svg_file(self._library.experiment(request.path_params["number"]), request.path_params["name"])
