"""The live studio as an ASGI app."""

from collections.abc import Collection

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from suture.core.errors import BadFile, SutureError, UnknownName
from suture.studio.live.as_markdown import AsMarkdown
from suture.studio.live.assets import served
from suture.studio.live.decisions import Decisions
from suture.studio.live.experiments import Experiments
from suture.studio.live.forms import NoKey
from suture.studio.live.guard import Guard
from suture.studio.live.library import Deciding, Library
from suture.studio.live.pages import framed
from suture.studio.live.records import Records
from suture.studio.live.routing import Routing
from suture.studio.live.runs import Runs
from suture.studio.live.traffic import Traffic
from suture.studio.live.views import Views
from suture.studio.templating import rendered


def create_app(library: Library, deciding: Deciding, hosts: Collection[str]) -> ASGIApp:
    """An app that answers under ``hosts`` alone, such as ``127.0.0.1:8675``."""
    app = Starlette(
        routes=[
            Route("/assets/{name}", _asset),
            *Records(library).routes(),
            *Runs(library).routes(),
            *Views(library, deciding).routes(),
            *Traffic(library, deciding).routes(),
            *Routing(library).routes(),
            *Experiments(library).routes(),
            *Decisions(deciding).routes(),
        ],
        exception_handlers={SutureError: _on_suture_error, HTTPException: _on_http_error},
    )
    return Guard(AsMarkdown(app), hosts)


async def _asset(request: Request) -> Response:
    found = served().get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    data, kind = found
    return Response(data, media_type=kind, headers={"cache-control": "public, max-age=31536000, immutable"})


async def _on_suture_error(request: Request, error: Exception) -> Response:
    status = 403 if isinstance(error, NoKey) else 404 if isinstance(error, UnknownName | BadFile) else 409
    mend = getattr(error, "mend", None) or ""
    return _said(str(error), mend, status)


async def _on_http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _said("There is no such page." if status == 404 else "That cannot be done here.", "start at /", status)


def _said(what: str, mend: str, status: int) -> Response:
    body = Markup(rendered("screens/error.html.jinja", what=what, mend=mend))  # noqa: S704 - autoescaped
    return framed(body, title="not shown", status=status)
