"""``suture promote``, ``suture rollback``, ``suture registry list|show``."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.foundry import TorchFoundry
from suture.cli.options import Common, Judging
from suture.cli.output import emit, say, table
from suture.cli.wiring import open_ledger, open_workshop
from suture.core.errors import ExitCode, UnknownName, UsageError
from suture.core.gate import GateReport
from suture.core.registry import Action, RegistryEvent, models, pack_of
from suture.files.read_write import read_model
from suture.loop.asking import PackFile
from suture.loop.registry import Registry
from suture.loop.remeasure import AnchorCheck, find_gate, remeasure_anchors, undone_promotion
from suture.loop.workshop import Workshop

registry_app = App(name="registry")


def promote(
    model: Annotated[str, Parameter(help="The name the pack is served under.")],
    pack: Annotated[Path, Parameter(help="The GGUF file that was gated.")],
    /,
    *,
    report: Annotated[Path, Parameter(help="What `suture gate` wrote.")] = Path("gate.json"),
    override: Annotated[str | None, Parameter(help="Promote against the gate, for this reason.")] = None,
    common: Common | None = None,
) -> int:
    """Point a model's champion at a gated pack. The file must be the very bytes that were gated.

    Exit code: 0 promoted, 2 not promoted by the gate or other bytes, 4 gated against another champion.

    Example: suture promote code pack.gguf --report gate.json
    """
    common = common or Common()
    gated = read_model(report, GateReport, what="gate report", mend="suture gate BASELINE CANDIDATE")
    with open_ledger(common) as (home, ledger):
        event = Registry(home, ledger).promote(model, pack, gated, why=f"gate report {report}", override=override)
    emit(event.to_json(), f"champion of {model} is {event.pack[:12]}", as_json=common.json)
    return 0


def rollback(
    model: Annotated[str, Parameter(help="The model's name.")],
    /,
    *,
    why: Annotated[str, Parameter(help="For the history.")] = "rolled back by hand",
    check: Annotated[bool, Parameter(negative="", help="Move nothing: measure the anchors again.")] = False,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Put a model's earlier pack back, and measure its anchors again.

    Exit code: 0 all anchors pass, 3 the pack is back but an anchor does not pass.

    Example: suture rollback code --why "too slow on long prompts"
    """
    common = common or Common()
    if not check:
        with open_ledger(common) as (home, ledger):
            Registry(home, ledger).rollback(model, why=why)
        say(f"rolled back; should this be stopped now, `suture rollback {model} --check` measures the anchors")
    with open_workshop(common, judging) as workshop:
        event = _last_event(workshop, model)
        anchors = _check_anchors(workshop, event)
    lines = [f"champion of {model} is {event.pack[:12]}"]
    if anchors is None:
        lines.append("no gate report of the undone promotion: anchors not measured")
    else:
        lines.append(f"anchors: {len(anchors.kept)} of {len(anchors.anchors)} pass")
        lines.extend(f"lost: {anchor}" for anchor in anchors.lost)
    measured = None if anchors is None else {**anchors.to_json(), "lost": list(anchors.lost)}
    emit({"event": event.to_json(), "anchors": measured}, "\n".join(lines), as_json=common.json)
    return int(ExitCode.FAULT if anchors and anchors.lost else ExitCode.DONE)


def _last_event(workshop: Workshop, model: str) -> RegistryEvent:
    mine = [event for event in workshop.ledger.events() if event.model == model]
    if not mine or mine[-1].action is not Action.ROLLBACK:
        raise UsageError(f"model {model!r} was not rolled back", mend=f"suture rollback {model}")
    return mine[-1]


def _check_anchors(workshop: Workshop, event: RegistryEvent) -> AnchorCheck | None:
    undone = undone_promotion(workshop.ledger.events(), event.model)
    found = find_gate(workshop, undone.gate_report) if undone and undone.gate_report else None
    if found is None:
        return None
    path = Registry(workshop.home, workshop.ledger).path_of(event.pack)
    pack = PackFile(path, event.pack, TorchFoundry(workshop.progress).template(path))
    return remeasure_anchors(workshop, pack, *found)


@registry_app.command(name="list")
def list_models(*, common: Common | None = None) -> int:
    """List every model and the pack its champion points at.

    Example: suture registry list
    """
    common = common or Common()
    with open_ledger(common) as (home, ledger):
        events = ledger.events()
        entries = [
            {"model": model, "alias": alias, "pack": pack, "path": str(home.absolute(ledger.pack_path(pack)))}
            for model, alias in models(events)
            if (pack := pack_of(events, model, alias))
        ]
    rows = [[e["model"], e["alias"], e["pack"][:12], e["path"]] for e in entries]
    text = table(["model", "alias", "pack", "path"], rows) if rows else "no models yet"
    emit({"models": entries}, text, as_json=common.json)
    return 0


@registry_app.command
def show(model: str, /, *, common: Common | None = None) -> int:
    """Show a model's history: every event, oldest first.

    Example: suture registry show code
    """
    common = common or Common()
    with open_ledger(common) as (_, ledger):
        events = ledger.events()
    mine = [event for event in events if event.model == model]
    if not mine:
        raise UnknownName("model", model, sorted({event.model for event in events}), mend="suture registry list")
    rows = [[e.at, e.action.value, e.pack[:12], (e.gate_report or "-")[:12], e.who, e.why] for e in mine]
    text = table(["when", "what", "pack", "gate report", "who", "why"], rows)
    champion = pack_of(events, model)
    emit({"model": model, "champion": champion, "events": [e.to_json() for e in mine]}, text, as_json=common.json)
    return 0
