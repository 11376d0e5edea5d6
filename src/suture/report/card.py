"""A model card: README.md as the Hugging Face hub reads it, from what the gate measured.

Metadata: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from suture.core.gate.breakdown import SplitRow
from suture.core.gate.gate_report import GateReport
from suture.core.measure.policy import Policy
from suture.core.measure.splits import Split
from suture.core.model.pack_manifest import PackManifest
from suture.core.teach.dataset import DatasetManifest
from suture.report.evidence import evidence_lines
from suture.report.kind_words import job_of, sandboxed
from suture.report.markdown import environment
from suture.report.run_report import RunReport

HUB_DATASETS = {
    "humaneval": "openai/openai_humaneval",
    "mbpp": "google-research-datasets/mbpp",
    "livecodebench": "livecodebench/code_generation_lite",
}
"""Official suites by the hub's name of them."""

HUB_LICENCES = frozenset(
    "apache-2.0 mit "  # noqa: SIM905 - a list of one licence a line is no easier to read
    "afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear cc0-1.0 cc-by-2.0 "
    "cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-4.0 "
    "cc-by-nc-sa-4.0 gpl gpl-2.0 gpl-3.0 agpl-3.0 lgpl lgpl-3.0 isc mpl-2.0 ms-pl ncsa openrail openrail++ "
    "bigscience-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m creativeml-openrail-m deepfloyd-if-license "
    "gemma llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 odbl osl-3.0 pddl postgresql unlicense wtfpl zlib".split()
)
"""Licences with a name on the hub (https://hf.co/docs/hub/repositories-licenses); any other is ``other``."""


@dataclass(frozen=True)
class DataSource:
    """Rows of one suite that the pack, or one it descends from, was trained on."""

    suite: str
    origin: str
    licence: str
    rows: int


@dataclass(frozen=True)
class Ancestor:
    """One repair on the way to the pack, nearest first."""

    run: str
    recipe: str
    base: str
    dataset: DatasetManifest


@dataclass(frozen=True)
class Card:
    """Everything a model card says.

    Attributes:
        base_model: the base's id on the hub, where it is known.
        pack: SHA-256 of the file, or of the policy, that was gated.
        policy: what was gated, where it is more than one pack.
        packs: file by SHA-256 of the pack.
        manifest: None for a pack that another tool made.
        overrides: a line for each promotion against the gate.
        run: the repair's report; None for a pack that was gated by hand.
        files: SHA-256 by name of what lies beside the card.
    """

    model: str
    file: str
    pack: str
    gate: GateReport
    policy: Policy | None
    packs: Mapping[str, str]
    base_model: str | None
    manifest: PackManifest | None
    overrides: tuple[str, ...]
    run: RunReport | None
    lineage: tuple[Ancestor, ...]
    data: tuple[DataSource, ...]
    files: Mapping[str, str]


def render_card(card: Card) -> str:
    """README.md: YAML between two lines of dashes, then Markdown."""
    template = environment().get_template("card.md.jinja")
    evidence = evidence_lines(card.gate)
    kinds = dict.fromkeys(kind for found in card.run.kinds.values() for kind in found) if card.run else {}
    said = {"evidence": evidence, "sandboxed": sandboxed(kinds)}
    body = template.render(c=card, gate=card.gate, overrides=card.overrides, **said)
    return f"---\n{_yaml(metadata_of(card))}---\n\n{body}"


def metadata_of(card: Card) -> dict[str, Any]:
    """The card's metadata, plain JSON types."""
    licence = card.manifest.licence if card.manifest else ""
    datasets = [HUB_DATASETS[source.suite] for source in card.data if source.suite in HUB_DATASETS]
    kinds = card.run.kinds if card.run else {}
    found: dict[str, Any] = {
        **_licence(licence),
        "base_model": card.base_model,
        "base_model_relation": "finetune" if card.base_model else None,
        "datasets": list(dict.fromkeys(datasets)),
        "pipeline_tag": "text-generation",
        "tags": ["gguf", "suture", "lora"],
        "model-index": [
            {
                "name": card.model,
                "results": [_result(row, kinds.get(row.suite, ()), card.policy) for row in results_of(card.gate)],
            }
        ],
    }
    return {key: value for key, value in found.items() if value}


def results_of(gate: GateReport) -> tuple[SplitRow, ...]:
    """The held-out rows: nothing trained on is reported as held out. Where nothing was, the suites as they are."""
    held = tuple(row for row in gate.rows if row.split == Split.HOLDOUT)
    return held or tuple(row for row in gate.rows if row.split == "all")


def _result(row: SplitRow, kinds: Collection[str], policy: Policy | None) -> dict[str, Any]:
    """One entry of ``model-index``: the share of tasks that pass, of one greedy answer or of what a policy gives."""
    n = row.after.total
    which = f"{n} held-out tasks" if row.split == Split.HOLDOUT else f"all {n} tasks, trained-on ones among them"
    kind, how = ("pass@1", "pass@1, greedy") if policy is None else ("served", _served(policy, row.suite))
    return {
        "task": {"type": "text-generation", "name": job_of(kinds)},
        "dataset": {"type": HUB_DATASETS.get(row.suite, row.suite), "name": f"{row.suite} ({which})"},
        "metrics": [{"type": kind, "name": f"{how}, {which}", "value": round(row.after.passed / n, 4)}],
    }


def _served(policy: Policy, suite: str) -> str:
    answers = sum(tier.answers for tier in policy.tiers if tier.serves(suite))
    if answers == 1:
        return "served by a policy, one greedy answer"
    return f"served by a policy, the first accepted of at most {answers} answers, tests unseen"


def _licence(licence: str) -> dict[str, str]:
    if not licence:
        return {}
    if licence.lower() in HUB_LICENCES:
        return {"license": licence.lower()}
    return {"license": "other", "license_name": re.sub(r"[^a-z0-9.]+", "-", licence.lower()).strip("-") or "unnamed"}


def _yaml(value: Mapping[str, Any]) -> str:
    yaml: Any = YAML()  # its methods are not annotated
    yaml.default_flow_style = False
    yaml.width = 4096
    with StringIO() as out:
        yaml.dump(dict(value), out)
        return out.getvalue()
