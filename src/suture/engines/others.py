"""Engines of other packages: rows they bring under the entry-point group ``suture.engines``."""

from collections.abc import Collection
from importlib.metadata import EntryPoint, entry_points
from typing import NoReturn

from suture.core.errors import MissingTool
from suture.engines.spec import EngineSpec, never

GROUP = "suture.engines"


def engines_of_others(taken: Collection[str]) -> dict[str, EngineSpec]:
    """Every row that an installed package brings, by name, in the order of names.

    One that cannot be loaded, or is called as an engine in ``taken``, is a row too: it never runs here, and says why
    when it is asked for.
    """
    found: dict[str, EngineSpec] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, _package(point))):
        if point.name in taken or point.name in found:
            name = f"{point.name} of {_package(point)}"
            found[name] = _unusable(point, name, f"there is another engine {point.name!r}")
        else:
            found[point.name] = _load(point)
    return found


def _load(point: EntryPoint) -> EngineSpec:
    try:
        spec = point.load()
    except Exception as error:  # whatever the other package's module raises
        return _unusable(point, point.name, f"{type(error).__name__}: {error}")
    if not isinstance(spec, EngineSpec):
        return _unusable(point, point.name, f"{point.value} is no suture.engines.spec.EngineSpec")
    if spec.name != point.name:
        return _unusable(point, point.name, f"{point.value} calls itself {spec.name!r}")
    return spec


def _unusable(point: EntryPoint, name: str, reason: str) -> EngineSpec:
    package = _package(point)

    def refuse(*_: object) -> NoReturn:
        said = " ".join(reason.split())
        raise MissingTool(f"engine {name!r} cannot be used: {said}", mend=f"pip uninstall {package}, or mend it")

    return EngineSpec(
        name=name,
        package=package,
        open=refuse,
        identity=refuse,
        here=never,
    )


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unnamed package"
