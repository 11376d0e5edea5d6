"""``suture promote`` and ``suture rollback``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.opened import open_store, open_workshop
from suture.cli.options import Common, Judging
from suture.cli.output import emit, say
from suture.core.errors import BadFile, ExitCode, UsageError
from suture.core.gate.decision import GateReport
from suture.core.model.registry import CHAMPION, Action, Numbered, gate_behind_rollback, numbered
from suture.files.read_write import read_model
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.remeasure import AnchorCheck, find_gate, remeasure_anchors
from suture.loop.workshop import Workshop
from suture.report.evidence import overrides_of
from suture.store.packs import open_champion
from suture.store.registry import Registry
from suture.store.store import Store

ALIAS_HELP = "The alias to move."
WHO_HELP = "For the history; default $SUTURE_WHO, else your user name."


def promote(
    model: Annotated[str, Parameter(help="The name the pack is served under.")],
    pack: Annotated[str, Parameter(help="The GGUF file that was gated, or an alias that points at it.")],
    /,
    *,
    report: Annotated[
        Path | None, Parameter(help="What `suture gate` wrote; default the alias's, or gate.json.")
    ] = None,
    alias: Annotated[str, Parameter(help=ALIAS_HELP)] = CHAMPION,
    override: Annotated[
        str | None, Parameter(help="Promote against the gate, for this reason, shown ever after.")
    ] = None,
    baseline: Annotated[Path | None, Parameter(help="For a first promotion: the file it was gated against.")] = None,
    why: Annotated[str | None, Parameter(help="For the history.")] = None,
    who: Annotated[str | None, Parameter(help=WHO_HELP)] = None,
    common: Common | None = None,
) -> int:
    """Point a model's champion, or another alias, at a gated pack. The file must be the very bytes that were gated.

    Exit code: 0 promoted, 2 not promoted by the gate or other bytes, 4 gated against another champion.

    Example: suture promote code pack.gguf --report gate.json

    Example: suture promote code candidate --override "checked by hand"
    """
    common = common or Common()
    with open_store(common) as store:
        file, gated, origin = _gated(store, model, pack, report)
        event = Registry(store, who=who).promote(
            model, file, gated, why=why or origin, alias=alias, override=override, baseline=baseline
        )
        against = overrides_of(store.ledger.events(), model)
    lines = [f"{event.alias} of {model} is {event.pack[:12]}", *against]
    emit(event.to_json(), "\n".join(lines), as_json=common.json)
    return 0


def _gated(store: Store, model: str, pack: str, report: Path | None) -> tuple[Path, GateReport, str]:
    """The file, its gate report, and where that came from."""
    file = Path(pack)
    by_alias = [] if file.exists() else list(numbered(store.ledger.events(), model, pack))
    if by_alias and (digest := by_alias[-1].event.gate_report) and report is None:
        report = store.home.gate_report(digest)
    report = report or Path("gate.json")
    gated = read_model(report, GateReport, what="gate report", mend="suture gate BASELINE CANDIDATE")
    if by_alias:
        file, _ = open_champion(store, model, pack)
    elif not file.exists():
        raise BadFile(f"{pack}: no such file, and no alias of {model!r}", mend="suture registry list")
    return file, gated, f"gate report {gated.digest[:12]}"


def rollback(
    model: Annotated[str, Parameter(help="The model's name.")],
    /,
    *,
    to: Annotated[
        int | None, Parameter(help="An event's number in `suture registry history`; default one back.")
    ] = None,
    alias: Annotated[str, Parameter(help=ALIAS_HELP)] = CHAMPION,
    why: Annotated[str, Parameter(help="For the history.")] = "rolled back by hand",
    who: Annotated[str | None, Parameter(help=WHO_HELP)] = None,
    check: Annotated[bool, Parameter(negative="", help="Move nothing: measure the anchors again.")] = False,
    judging: Judging | None = None,
    common: Common | None = None,
) -> int:
    """Put an earlier pack of a model back, and measure its anchors again.

    Exit code: 0 all anchors pass, 3 the pack is back but an anchor does not pass.

    Example: suture rollback code --why "too slow on long prompts"

    Example: suture rollback code --to 3
    """
    common = common or Common()
    if not check:
        with open_store(common) as store:
            Registry(store, who=who).rollback(model, why=why, alias=alias, to=to)
        say(f"rolled back; should this be stopped now, `suture rollback {model} --check` measures the anchors")
    with open_workshop(common, judging) as workshop:
        last = _last_rollback(workshop, model, alias)
        anchors = _check_anchors(workshop, last)
        against = overrides_of(workshop.store.ledger.events(), model)
    lines = [f"{alias} of {model} is {last.event.pack[:12]}", *against]
    if anchors is None:
        lines.append("no run of this store has the gate report that names its anchors: not measured")
    else:
        lines.append(f"anchors: {len(anchors.kept)} of {len(anchors.anchors)} pass")
        lines.extend(f"lost: {anchor}" for anchor in anchors.lost)
    measured = None if anchors is None else {**anchors.to_json(), "lost": list(anchors.lost)}
    emit({"event": last.event.to_json(), "anchors": measured}, "\n".join(lines), as_json=common.json)
    return int(ExitCode.FAULT if anchors and anchors.lost else ExitCode.DONE)


def _last_rollback(workshop: Workshop, model: str, alias: str) -> Numbered:
    found = list(numbered(workshop.store.ledger.events(), model, alias))
    if not found or found[-1].event.action is not Action.ROLLBACK:
        raise UsageError(f"{alias} of model {model!r} was not rolled back", mend=f"suture rollback {model}")
    return found[-1]


def _check_anchors(workshop: Workshop, rollback: Numbered) -> AnchorCheck | None:
    digest = gate_behind_rollback(workshop.store.ledger.events(), rollback.number)
    found = find_gate(workshop, digest) if digest else None
    if found is None:
        return None
    sha256 = rollback.event.pack
    path = Registry(workshop.store).path_of(sha256)
    pack = PackFile(path, sha256, workshop.packs.template(path))
    return remeasure_anchors(workshop, pack, *found)
