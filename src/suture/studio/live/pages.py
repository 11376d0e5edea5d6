"""Whole pages of the live studio: a fragment, or a screen, inside the frame that all of them share."""

from collections.abc import Mapping

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from suture.core.errors import UnknownName
from suture.core.surrogates import encoded
from suture.studio.live.assets import address, integrity
from suture.studio.pictures.frame import Svg, as_file
from suture.studio.templating import rendered

NAV = (
    ("/", "Home"),
    ("/compare", "Compare"),
    ("/graveyard", "Graveyard"),
    ("/routing", "Routing"),
    ("/traffic", "Traffic"),
    ("/ledger", "Ledger"),
)


def page(template: str, *, title: str, at: str = "", **context: object) -> Response:
    """A screen in the frame. ``at``: the entry of the navigation that it belongs to."""
    body = Markup(rendered(template, **context))  # noqa: S704 - autoescaped
    return framed(body, title=title, at=at)


def framed(body: Markup, *, title: str, at: str = "", status: int = 200) -> Response:
    html = rendered(
        "live.html.jinja",
        body=body,
        title=title,
        at=at,
        nav=NAV,
        asset_address=address,
        asset_integrity=integrity,
    )
    return HTMLResponse(encoded(html), status_code=status, headers={"cache-control": "no-store"})


def fragment(html: str) -> Response:
    """A part of a page, as its script asks for it."""
    return HTMLResponse(encoded(html), headers={"cache-control": "no-store"})


def svg_file(found: Mapping[str, Svg], name: str) -> Response:
    """One of a page's pictures as a file of its own. Raises UnknownName: it has no such picture."""
    if name not in found:
        raise UnknownName("picture", name, found, mend="the page itself lists them")
    policy = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(as_file(found[name]), media_type="image/svg+xml", headers=policy)


def tabs_of_run(run: str, name: str, at: str, *, decided: bool) -> dict[str, object]:
    """The screens of one run."""
    shown = [
        (f"/runs/{run}", "Time line"),
        *([(f"/v/run-{run}/", "Verdict"), (f"/v/run-{run}/tasks", "Tasks")] if decided else []),
        (f"/runs/{run}/dataset", "Dataset"),
        (f"/runs/{run}/training", "Training"),
    ]
    return {"name": name, "tabs": shown, "at": at, "run": run}
