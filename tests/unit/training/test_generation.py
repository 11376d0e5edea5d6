"""The transformers engine on a tiny model: how many prompts are read in one pass changes no answer."""

import pytest

from suture.core.measure.attempt import Request, Sampling
from suture.training import generation
from suture.training.generation import TransformersEngine, identify_transformers

PROMPTS = ["Return 5.", "Return the sum of two numbers, or nothing.", "a", "def f(x):", "Return 7 and then 8."]
IDENTITY = identify_transformers(threads=1, batch=5, processor="any", dtype="float32")


def answers(engine, sampling):
    requests = [Request(prompt=prompt, max_tokens=9 + 4 * at) for at, prompt in enumerate(PROMPTS)]
    return {at: (said.text, said.tokens, said.prompt_tokens) for at, said in engine.generate(requests, sampling)}


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(temperature=0.8, seed=3)])
def test_prompts_read_in_several_passes_are_answered_the_same(base_of, monkeypatch, sampling):
    engine = TransformersEngine(base_of(), IDENTITY)
    whole = answers(engine, sampling)
    assert set(whole) == set(range(len(PROMPTS)))
    monkeypatch.setattr(generation, "MOST_PROMPT_TOKENS", 2 * max(tokens for _, _, tokens in whole.values()))
    assert answers(engine, sampling) == whole
    monkeypatch.setattr(generation, "MOST_PROMPT_TOKENS", 1)
    assert answers(engine, sampling) == whole


def test_the_number_type_can_be_chosen():
    assert IDENTITY.dtype == "float32"
    assert identify_transformers(threads=1, batch=1, processor="any", dtype="bfloat16").dtype == "bfloat16"
