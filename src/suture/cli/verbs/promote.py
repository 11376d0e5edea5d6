"""``suture promote`` and ``suture rollback``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from suture.cli.open_store import open_store
from suture.cli.options import Common, Judging
from suture.cli.output import emit, say
from suture.cli.progress import open_progress
from suture.core.errors import ExitCode
from suture.core.model.registry_events import CHAMPION
from suture.report.evidence import overrides_of
from suture.store.registry import Registry
from suture.wiring.first_words import keep_first_words
from suture.wiring.promote import promote as run_promote
from suture.wiring.rollback import check_rollback

ALIAS_HELP = "The alias to move."
WHO_HELP = "For the history; default $SUTURE_WHO, else your user name."


def promote(
    model: Annotated[str, Parameter(help="The name the pack is served under.")],
    pack: Annotated[str, Parameter(help="The GGUF file or policy that was gated, or an alias that points at it.")],
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
    """Point a model's champion, or another alias, at a gated pack or policy: at the very bytes that were gated.

    Exit code: 0 promoted, 2 not promoted by the gate or other bytes, 4 gated against another champion.

    Example: suture promote code pack.gguf --report gate.json

    Example: suture promote code keep.yaml --report gate.json --baseline base.gguf

    Example: suture promote code candidate --override "checked by hand"
    """
    common = common or Common()
    with open_store(common) as store:
        event = run_promote(
            store, model, pack, report=report, alias=alias, override=override, baseline=baseline, why=why, who=who
        )
        against = overrides_of(store.ledger.events(), model)
        unsaid = keep_first_words(store, event.pack)
    if unsaid:
        say(f"its first words were not kept, to compare whenever it is served: {unsaid}")
    lines = [f"{event.alias} of {model} is {event.pack[:12]}", *against]
    emit(event.to_json(), "\n".join(lines), as_json=common.json)
    return 0


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
    unsafe_local = (judging or Judging()).unsafe_local
    found = check_rollback(model, alias, home=common.home, unsafe_local=unsafe_local, progress=open_progress())
    event, anchors = found.event.event, found.anchors
    lines = [f"{alias} of {model} is {event.pack[:12]}", *found.overrides]
    if anchors is None:
        lines.append("no run of this store has the gate report that names its anchors: not measured")
    else:
        lines.append(f"anchors: {len(anchors.kept)} of {len(anchors.anchors)} pass")
        lines.extend(f"lost: {anchor}" for anchor in anchors.lost)
        lines.extend(f"measured differently from the gate: {change}" for change in anchors.otherwise)
    measured = None if anchors is None else {**anchors.to_json(), "lost": list(anchors.lost)}
    emit({"event": event.to_json(), "anchors": measured}, "\n".join(lines), as_json=common.json)
    return int(ExitCode.HELD if anchors and anchors.lost else ExitCode.DONE)
