"""``suture view [RUN | FILE ...]``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.open_store import open_store_to_read
from suture.cli.options import SOURCE_HELP, Common, parse_sources, require_port
from suture.cli.output import emit, say
from suture.cli.page_options import parse_size
from suture.core.errors import MissingTool, UsageError
from suture.files.atomic import whole_file
from suture.files.small_files import write_text
from suture.machine.installing import install_extra
from suture.store.find_run import find_run
from suture.studio.pages.experiment import experiment_file
from suture.studio.pictures.frame import Svg, as_file
from suture.studio.shown import Shown
from suture.wiring.experiment_pictures import experiment_pictures, is_experiment
from suture.wiring.find_page import named_page
from suture.wiring.pages import write_page
from suture.wiring.routes_file import is_routes_file, read_routes
from suture.wiring.run_pages import page_pictures

_FILES = (".json", ".jsonl", ".yaml", ".yml", ".csv", ".gz", ".html")
"""How names of files end, and those of runs do not."""
Written = tuple[dict[str, object], list[str]]
"""What was written, for machines and for people."""


def view(
    *names: Annotated[
        str, Parameter(help="A run's id or name, or files of measurements or routes; default the whole store.")
    ],
    html: Annotated[Path | None, Parameter(help="Write the page as one file instead, and end.")] = None,
    max_size: Annotated[str, Parameter(help="How large that file may be, such as 3MB; off for everything.")] = "3MB",
    svg: Annotated[Path | None, Parameter(help="Write its pictures into this directory instead, and end.")] = None,
    port: Annotated[int, Parameter(help="0 for any that is free.")] = 8675,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    common: Common | None = None,
) -> int:
    """See what was measured, made and decided, in a browser on this machine.

    It only reads, unless somebody decides there with a key of `suture keys add`. Ctrl-C ends it.

    Example: suture view

    Example: suture view before.json after.json --html changes.html

    Example: suture view quickstart --svg pictures

    Example: suture view experiments/mine/results.json --svg pictures

    Example: suture view routes.yaml
    """
    common, sources = common or Common(), parse_sources(source)
    require_port(port)
    if html is not None or svg is not None:
        alone = Path(names[0]) if len(names) == 1 else None
        if alone is not None and is_routes_file(alone.name):
            return _routing(alone, html, svg, sources, common)
        if alone is not None and is_experiment(alone):
            drawn = experiment_pictures(alone)
            return _left(html and _whole(html, experiment_file(str(alone), drawn)), drawn, svg, common)
        with open_store_to_read(common) as store:
            page = named_page(store, names, sources=sources)
            drawn = page_pictures(store, page) if svg is not None else {}
        most = parse_size(max_size)
        return _left(html and _fitted(html, page, most), drawn, svg, common)
    try:
        from suture.wiring.run_studio import run_studio
    except ImportError as error:
        what = f"the studio needs the package {error.name}, which is not installed"
        raise MissingTool(what, mend=f"{install_extra('view')}, or suture view --html report.html") from None
    files = [Path(name) for name in names if Path(name).is_file()]
    at = _first(names, files, common)

    def started(address: str) -> None:
        say(f"the studio is at {address}{at}, for this machine alone; Ctrl-C ends it")
        if common.json:
            emit({"url": address + at}, "", as_json=True)

    run_studio(common.home, files, port=port, sources=sources, started=started)
    return 0


def _first(names: tuple[str, ...], files: list[Path], common: Common) -> str:
    """The page to begin with: what was named, else home. Raises UnknownName: neither a file nor a run."""
    if not names:
        return ""
    first = names[0]
    for name in filter(is_routes_file, names):
        read_routes(Path(name))  # what is wrong with it is said now, not by a page
    if is_routes_file(first):
        return "routing/0/"
    if is_experiment(Path(first)):
        return "experiment/0/"
    if len(files) == len(names):
        measured = [path for path in files if not (is_routes_file(path.name) or is_experiment(path))]
        return "v/file-0~file-1/" if len(measured) == 2 else "v/file-0/"
    if len(names) > 1:
        missing = next(name for name in names if not Path(name).is_file())
        raise UsageError(f"{missing}: no such file", mend="name one run, or files")
    if Path(first).suffix in _FILES:
        raise UsageError(f"{first}: no such file", mend="name a run, or files of measurements or routes")
    with open_store_to_read(common) as store:
        return f"runs/{find_run(store, first)}"


def _fitted(html: Path, page: Shown, most: int | None) -> Written:
    """Write a page of tasks, with as much left out as its size asks for."""
    made = write_page(html, page, max_size=most)
    left_out = f"; left out: {made.cut.says}" if made.cut.says else ""
    told: dict[str, object] = {"page": str(html), "bytes": made.size, "left_out": made.cut.says}
    lines = [f"page     {html} ({made.size:,} bytes{left_out})"]
    if not made.fits:
        lines.append(f"it is larger than {most:,} bytes: with so many tasks nothing more can be left out")
    return told, lines


def _whole(html: Path, data: bytes) -> Written:
    """Write a page without tasks as it is."""
    with whole_file(html) as partial:
        partial.write_bytes(data)
    return {"page": str(html), "bytes": len(data)}, [f"page     {html} ({len(data):,} bytes)"]


def _routing(path: Path, html: Path | None, svg: Path | None, sources: dict[str, Path], common: Common) -> int:
    """Write the page about a routes file, or its picture."""
    from suture.studio.pages.routing import routing_file
    from suture.studio.pictures.leaks import leak_matrix
    from suture.wiring.routing_page import leaks_at_hand, routing_page

    page, audit = routing_page(path), leaks_at_hand(path, (), sources)
    written = html and _whole(html, routing_file(page, audit))
    return _left(written, {"leaks": leak_matrix(audit)}, svg, common)


def _left(page: Written | None, drawn: dict[str, Svg], svg: Path | None, common: Common) -> int:
    """Leave the pictures too where they were asked for, and say what was written."""
    told, lines = page or ({}, [])
    if svg is not None:
        paths = _write_pictures(drawn, svg)
        told["pictures"] = {name: str(path) for name, path in paths.items()}
        lines.extend(f"picture  {path}" for path in paths.values())
    emit(told, "\n".join(lines), as_json=common.json)
    return 0


def _write_pictures(found: dict[str, Svg], folder: Path) -> dict[str, Path]:
    paths = {name: folder / f"{name}.svg" for name in found}
    for name, path in paths.items():
        write_text(path, as_file(found[name]))
    return paths
