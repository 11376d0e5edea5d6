"""Reads a routes file, and the router that was trained from it."""

from pathlib import Path

from suture.core.errors import BadFile
from suture.files.recipe_file import read_written
from suture.router.classifier import SUFFIX, UNKNOWN, read_classifier
from suture.router.router import Router
from suture.router.written import WrittenRoutes

YAML = (".yaml", ".yml")


def is_routes_file(name: str) -> bool:
    return Path(name).suffix in YAML


def read_routes(path: Path) -> WrittenRoutes:
    """Raises BadRecipe: no such file, not YAML, an unknown key, a wrong type or value; names the key and its line."""
    return read_written(path, WrittenRoutes, what="routes file", mend="docs/routing.md")


def classifier_path(path: Path, written: WrittenRoutes) -> Path:
    """Where the router trained from a routes file lies."""
    return path.with_suffix(SUFFIX) if written.router is None else path.parent / written.router


def router_of(path: Path, written: WrittenRoutes) -> Router:
    """The router of a routes file; of one without prompts to learn from its rules alone.

    Raises:
        BadFile: it was not trained yet, or for other routes.
    """
    rules = {route.name: route.rules for route in written.routes}
    place = classifier_path(path, written)
    learns = written.router is not None or any(route.suites or route.examples for route in written.routes)
    if not (learns or place.exists()):
        return Router(rules)
    classifier = read_classifier(place)
    if strange := [name for name in classifier.names if name not in rules and name != UNKNOWN]:
        raise BadFile(f"{place} knows a route {strange[0]!r}, and {path} does not", mend=f"suture route train {path}")
    return Router(rules, classifier)
