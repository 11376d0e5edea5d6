"""``suture route train|explain|audit|steering``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.options import SOURCE_HELP, SUITE_HELP, Common, parse_sources
from suture.cli.output import beyond, emit, table
from suture.core.errors import ExitCode
from suture.router.findings import Audit, Explained
from suture.wiring.route_audit import audit, explain_route
from suture.wiring.route_steering import RouteSteering, steering_of
from suture.wiring.route_train import Trained, train_router

route_app = App(
    name="route", help="Train a router, say why a prompt takes its route, look for leaks, and see who is trusted."
)

ROUTES_HELP = "A routes file: docs/routing.md."
_NAMED = 10
"""Leaks that are named one by one."""


@route_app.command
def train(
    routes: Annotated[Path, Parameter(help=ROUTES_HELP)],
    /,
    *,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    common: Common | None = None,
) -> int:
    """Train the router of a routes file from its examples and suites, and write it beside the file.

    Example: suture route train routes.yaml
    """
    common = common or Common()
    place, trained = train_router(routes, parse_sources(source))
    emit({"router": str(place), **trained.to_json()}, _trained(trained, place), as_json=common.json)
    return 0


@route_app.command
def explain(
    routes: Annotated[Path, Parameter(help=ROUTES_HELP)],
    prompt: Annotated[str, Parameter(help="What is asked.")],
    /,
    *,
    tools: Annotated[bool, Parameter(help="As if the request offered tools.", negative="")] = False,
    schema: Annotated[bool, Parameter(help="As if the request stated a JSON Schema.", negative="")] = False,
    common: Common | None = None,
) -> int:
    """Say which route a prompt takes, and why.

    Example: suture route explain routes.yaml "Write a function that adds two numbers."
    """
    common = common or Common()
    found = explain_route(routes, prompt, tools=tools, schema=schema)
    emit(found.to_json(), _explained(found), as_json=common.json)
    return 0


@route_app.command(name="audit")
def audit_routes(
    routes: Annotated[Path, Parameter(help=ROUTES_HELP)],
    /,
    *,
    suite: Annotated[list[str] | None, Parameter(help=f"{SUITE_HELP} Default: those that the routes name.")] = None,
    source: Annotated[list[str] | None, Parameter(help=SOURCE_HELP)] = None,
    common: Common | None = None,
) -> int:
    """Print where the prompts of suites would go: the leak matrix. Exit code 1 where one leaves its own route.

    Example: suture route audit routes.yaml --suite mbpp:11-110 --suite humaneval
    """
    common = common or Common()
    found = audit(routes, suite or (), parse_sources(source))
    emit({**found.to_json(), "owned": found.owned}, leak_matrix(found), as_json=common.json)
    return ExitCode.REJECTED if found.leaks else ExitCode.DONE


@route_app.command
def steering(
    routes: Annotated[Path, Parameter(help=ROUTES_HELP)],
    /,
    *,
    common: Common | None = None,
) -> int:
    """Show what the records tell of each route's policies: what they were worth, and how often each is asked.

    Example: suture route steering routes.yaml
    """
    common = common or Common()
    found = steering_of(routes, common.home)
    emit({"routes": [one.to_json() for one in found]}, _steering(found), as_json=common.json)
    return 0


def leak_matrix(found: Audit) -> str:
    """A row a suite, a column a route, and every leak by name."""
    rows = [
        [suite, found.owners[suite] or "-", *(str(row.get(route, 0)) for route in found.routes)]
        for suite, row in found.matrix.items()
    ]
    named = [f"{leak.task} belongs to {leak.route} and goes to {leak.went_to} (by {leak.by})" for leak in found.leaks]
    lines = [*named[:_NAMED], *beyond(len(named), _NAMED)]
    says = f"{len(found.leaks)} of {found.owned} prompts leave their own route"
    return "\n".join([table(["suite", "route", *(f"to {route}" for route in found.routes)], rows), "", *lines, says])


def _steering(found: Sequence[RouteSteering]) -> str:
    rows = [
        [
            route.route,
            policy.name,
            policy.policy[:12],
            f"{policy.good:.1f}",
            f"{policy.bad:.1f}",
            f"{policy.conductance:.3f}",
            "open" if policy.conductance < route.floor else "closed",
            f"{policy.share:.1%}",
        ]
        for route in found
        for policy in route.policies
    ]
    heads = ["route", "policy", "pack", "right", "wrong", "conductance", "circuit", "asked"]
    return table(heads, rows) if rows else "no answer of these routes was recorded yet"


def _trained(trained: Trained, place: Path) -> str:
    rows = [
        [name, str(count), str(trained.held_out[name]), str(trained.right[name])]
        for name, count in trained.learned.items()
    ]
    text = table(["class", "learned from", "held out", "of these right"], rows)
    return f"{text}\n\na route must reach a probability of {trained.threshold:.3f}\nrouter {place}"


def _explained(found: Explained) -> str:
    routed = found.routed
    lines = [f"route {routed.route or 'unknown'}, by {routed.by}" + (f" ({routed.rule})" if routed.rule else "")]
    if routed.scores:
        best_first = sorted(routed.scores.items(), key=lambda one: -one[1])
        lines += ["", table(["class", "probability"], [[name, f"{share:.3f}"] for name, share in best_first])]
        lines += ["", f"margin {found.margin:.3f}; a route must reach {found.threshold:.3f}"]
        lines += [f"speaks for it: {', '.join(f'{word!r} {weight:+.2f}' for word, weight in found.telling)}"]
    return "\n".join(lines)
