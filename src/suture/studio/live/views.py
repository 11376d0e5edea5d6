"""The screens about one measurement, comparison or decision: verdict, tasks, one task, pictures, files."""

import shlex

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from suture.core.errors import UnknownName
from suture.core.surrogates import encoded
from suture.studio.live.library import Deciding, Library
from suture.studio.live.pages import fragment, page, svg_file, tabs_of_run
from suture.studio.pages.markdown import as_markdown
from suture.studio.pages.matrix import matrix_fragment
from suture.studio.pages.one_file import one_file
from suture.studio.pages.task import task_fragment
from suture.studio.pages.verdict import pictures, verdict_fragment
from suture.studio.pairing import Pair
from suture.studio.shown import Shown


class Views:
    def __init__(self, library: Library, deciding: Deciding) -> None:
        self._library, self._deciding = library, deciding

    def routes(self) -> list[Route]:
        return [
            Route("/v/{key}/", self.verdict),
            Route("/v/{key}/tasks", self.tasks),
            Route("/v/{key}/task/{number:int}", self.task),
            Route("/v/{key}/answer/{number:int}/{side}", self.answer),
            Route("/v/{key}/markdown", self.markdown),
            Route("/v/{key}/report.html", self.report),
            Route("/v/{key}/{name}.svg", self.picture),
        ]

    def shown(self, key: str) -> Shown:
        """What a key in an address means: ``run-ID``, ``file-N``, or ``BEFORE~AFTER``. Raises UnknownName."""
        before, tilde, after = key.partition("~")
        if tilde:
            return self._library.compare(before, after)
        kind, _, name = key.partition("-")
        if kind == "run":
            return self._library.run(name)
        if kind == "file" and name.isdigit():
            return self._library.file(int(name))
        raise UnknownName("page", key, (), mend="start at /")

    def verdict(self, request: Request) -> Response:
        key = request.path_params["key"]
        found = self.shown(key)
        body = Markup(verdict_fragment(found, tasks_at=f"/v/{key}/tasks"))  # noqa: S704 - autoescaped
        names = [name for name, _ in pictures(found)]
        return page(
            "screens/view.html.jinja",
            title=f"{found.name} · verdict",
            head=_head(key, found, f"/v/{key}/"),
            page=found,
            body=body,
            key=key,
            pictures=names,
            markdown=as_markdown(found),
            deciding=bool(found.run) and self._deciding.has_keys(),
            tasks=False,
        )

    def tasks(self, request: Request) -> Response:
        key = request.path_params["key"]
        found = self.shown(key)
        return page(
            "screens/view.html.jinja",
            title=f"{found.name} · tasks",
            head=_head(key, found, f"/v/{key}/tasks"),
            page=found,
            body=Markup(matrix_fragment(found, source=f"/v/{key}/task/")),  # noqa: S704 - autoescaped
            key=key,
            pictures=[],
            markdown=as_markdown(found),
            deciding=False,
            tasks=True,
        )

    def task(self, request: Request) -> Response:
        """The same bytes that a file packs; with ``?page`` inside the frame, for who has no script."""
        key = request.path_params["key"]
        found = self.shown(key)
        html = task_fragment(found, _pair(found, request.path_params["number"]))
        if "page" not in request.query_params:
            return fragment(html)
        return page(
            "screens/one_task.html.jinja",
            title="one task",
            key=key,
            body=Markup(html),  # noqa: S704 - autoescaped
            commands=_of_task(found, _pair(found, request.path_params["number"])),
        )

    def answer(self, request: Request) -> Response:
        """One whole answer, as a file of text that no browser takes for anything else."""
        found = self.shown(request.path_params["key"])
        one = _pair(found, request.path_params["number"])
        row = one.before if request.path_params["side"] == "before" else one.after
        headers = {"content-disposition": "attachment; filename=answer.txt", "cache-control": "no-store"}
        return Response(encoded(row.answer if row else ""), media_type="text/plain; charset=utf-8", headers=headers)

    def markdown(self, request: Request) -> Response:
        return PlainTextResponse(as_markdown(self.shown(request.path_params["key"])))

    def report(self, request: Request) -> Response:
        """The page as one file, to keep or to send. It brings a policy of its own."""
        made = one_file(self.shown(request.path_params["key"]))
        headers = {"content-disposition": "attachment; filename=report.html", "cache-control": "no-store"}
        return Response(made.html, media_type="text/html; charset=utf-8", headers=headers)

    def picture(self, request: Request) -> Response:
        return svg_file(dict(pictures(self.shown(request.path_params["key"]))), request.path_params["name"])


def _pair(found: Shown, number: int) -> Pair:
    if number >= len(found.pairs):
        raise UnknownName("task", str(number), (), mend="load the table again")
    return found.pairs[number]


def _of_task(found: Shown, one: Pair) -> list[tuple[str, str]]:
    """The command that shows one task of a page: that of the page, with the task's id behind its file."""
    for _, command in found.commands:
        words = [word for word in shlex.split(command) if word not in ("--changed", "--failed")]
        if words[:2] == ["suture", "show"]:
            return [("this task", shlex.join([*words[:3], one.task_id, *words[3:]]))]
    return list(found.commands)


def _head(key: str, found: Shown, at: str) -> dict[str, object]:
    if found.run:
        return tabs_of_run(found.run, found.name, at, decided=True)
    tabs = [(f"/v/{key}/", "Verdict"), (f"/v/{key}/tasks", "Tasks")]
    return {"name": found.name, "tabs": tabs, "at": at, "run": ""}
