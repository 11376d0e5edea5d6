"""``suture promote``, ``suture rollback``, ``suture registry list|show``."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from suture.cli.foundry import TorchFoundry
from suture.cli.options import Common, Judging
from suture.cli.output import emit, table
from suture.cli.wiring import open_ledger, open_workshop
from suture.core.errors import ExitCode, UnknownName
from suture.core.gate import GateReport
from suture.core.registry import RegistryEvent, models, pack_of
from suture.files.read_write import read_model
from suture.loop import registry as moves
from suture.loop.measure import PackFile
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

    Example: suture promote code pack.gguf --report gate.json
    """
    common = common or Common()
    gated = read_model(report, GateReport, what="gate report", mend="suture gate BASELINE CANDIDATE")
    with open_workshop(common) as workshop:
        event = moves.promote(workshop, model, pack, gated, why=f"gate report {report}", override=override)
    emit(event.to_json(), f"champion of {model} is {event.pack[:12]}", as_json=common.json)
    return 0


def rollback(
    model: Annotated[str, Parameter(help="The model's name.")],
    /,
    *,
    why: Annotated[str, Parameter(help="For the history.")] = "rolled back by hand",
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Put a model's earlier pack back, and measure its anchors again.

    Exit code: 0 all anchors pass, 3 the pack is back but an anchor does not pass.

    Example: suture rollback code --why "too slow on long prompts"
    """
    common = common or Common()
    with open_workshop(common, judging) as workshop:
        event = moves.rollback(workshop, model, why=why)
        check = _check_anchors(workshop, model, event)
    lines = [f"champion of {model} is {event.pack[:12]} again"]
    if check is None:
        lines.append("no gate report of the undone promotion: anchors not measured")
    else:
        lines.append(f"anchors: {len(check.kept)} of {len(check.anchors)} pass")
        lines.extend(f"lost: {anchor}" for anchor in check.lost)
    emit(
        {"event": event.to_json(), "anchors": None if check is None else {**check.to_json(), "lost": list(check.lost)}},
        "\n".join(lines),
        as_json=common.json,
    )
    return int(ExitCode.FAULT if check and check.lost else ExitCode.DONE)


def _check_anchors(workshop: Workshop, model: str, event: RegistryEvent) -> AnchorCheck | None:
    undone = undone_promotion(workshop.ledger.events(), model)
    found = find_gate(workshop, undone.gate_report) if undone and undone.gate_report else None
    if found is None:
        return None
    path = moves.require_pack(workshop, event.pack)
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
