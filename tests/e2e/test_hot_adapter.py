"""The real model with an adapter beside it, and the same adapter merged and packed at the same scale, say the same."""

import pytest

from suture.core.measure.attempt import AdapterUse
from suture.core.measure.engine_choice import EngineChoice
from suture.core.model.adapter_records import ADAPTER_WEIGHTS
from suture.core.model.pack_manifest import Quantisation
from suture.files.small_files import sha256_of
from suture.loop.measuring.judging import ask_and_judge
from suture.loop.measuring.lazy_engine import LazyEngine
from suture.loop.measuring.pack_file import PackFile
from suture.loop.measuring.questions import questions_of
from suture.loop.workshop import Silent
from suture.packs.adapters.gguf_file import write_adapter
from suture.suites.catalog import load_suites
from suture.wiring.foundry import TorchFoundry
from suture.wiring.gguf_packs import GgufPacks
from suture.wiring.open_workshop import open_workshop
from suture.wiring.proof import BOUNDS

SCALE = 0.75
CHOICE = EngineChoice(name="llamacpp", threads=1, batch=8, max_tokens=160)
TASKS = "humaneval:22-29"
"""The base passes four of these eight."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(real_base, tmp_path_factory):
    """(base pack, adapter, merged pack), in F16."""
    pytest.importorskip("xllamacpp")
    from peft_adapters import save_adapter

    root, foundry = tmp_path_factory.mktemp("hot"), TorchFoundry(Silent())
    every = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    settings = {"r": 4, "lora_alpha": 8, "target_modules": every, "task_type": "CAUSAL_LM"}
    adapter = save_adapter(real_base, root / "adapter", seed=5, std=0.03, **settings)
    foundry.merge(real_base, adapter, SCALE, root / "merged")
    packs = []
    for directory in (real_base, root / "merged"):
        path = root / f"{directory.name}.gguf"
        foundry.pack(directory, real_base, Quantisation.F16, path, {})
        packs.append(PackFile(path, sha256_of(path), GgufPacks().template(path)))
    return packs[0], adapter, packs[1]


def test_next_tokens_are_within_the_bound_of_a_pack(made, tmp_path):
    from llamacpp import LlamaCpp

    base, adapter, merged = made
    write_adapter(adapter, base.path, tmp_path / "adapter.gguf")
    hot, cold = LlamaCpp(base.path, tmp_path / "adapter.gguf"), LlamaCpp(merged.path)
    moved = apart = 0.0
    for task in load_suites([TASKS]):
        prompt = base.template.render(task.messages, task.form.opening)
        wanted, plain = cold.next_token(prompt), hot.next_token(prompt)
        found = hot.next_token(prompt, scale=SCALE)
        moved = max(moved, largest_difference(plain, wanted))
        apart = max(apart, largest_difference(found, wanted))
    assert moved > BOUNDS[Quantisation.BF16].logits, "the adapter changes too little for this test to say anything"
    # Merged weights are kept in BF16; an adapter beside is not rounded.
    assert apart <= BOUNDS[Quantisation.BF16].logits


def largest_difference(one, other, likeliest: int = 10) -> float:
    """In nats, over the likelier half of the tokens that both show: as a pack's proof counts it."""
    tokens = sorted(one.keys() & other.keys(), key=lambda token: -other[token])[:likeliest]
    return max(abs(one[token] - other[token]) for token in tokens)


def test_verdicts_are_the_same(made, tmp_path):
    base, adapter, merged = made
    sha256 = sha256_of(adapter / ADAPTER_WEIGHTS)
    tasks = load_suites([TASKS])
    passed = []
    with open_workshop(tmp_path / "home") as workshop:
        workshop.progress = Silent()
        for pack, beside in ((base, {sha256: adapter}), (merged, None)):
            use = AdapterUse(sha256=sha256, scale=SCALE) if beside else None
            with LazyEngine(workshop, CHOICE, pack, beside) as engine:
                questions = questions_of(tasks, base.template, CHOICE, adapter=use)
                answers = list(ask_and_judge(workshop, engine, questions))
            passed.append({task.id for task, _, verdict in answers if verdict.passed})
    assert passed[0] == passed[1]
    assert 0 < len(passed[0]) < len(tasks)
