"""The transformers engine on a tiny model: neither prompts read in several passes nor fixed room change an answer."""

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from suture.core.measure.attempt import Request, Sampling
from suture.training import decoding, generation
from suture.training.decoding import fixed_room_pays
from suture.training.generation import TransformersEngine, identify_transformers

PROMPTS = ["Return 5.", "Return the sum of two numbers, or nothing.", "a", "def f(x):", "Return 7 and then 8."]
IDENTITY = identify_transformers(threads=1, batch=5, processor="any", dtype="float32")


def answers(engine, sampling):
    requests = [Request(prompt=prompt, max_tokens=9 + 4 * at) for at, prompt in enumerate(PROMPTS)]
    return {at: (said.text, said.tokens, said.prompt_tokens) for at, said in engine.generate(requests, sampling)}


SAMPLINGS = pytest.mark.parametrize("sampling", [Sampling(), Sampling(temperature=0.8, seed=3)])


@SAMPLINGS
def test_prompts_read_in_several_passes_are_answered_the_same(base_of, monkeypatch, sampling):
    engine = TransformersEngine(base_of(), IDENTITY)
    whole = answers(engine, sampling)
    assert set(whole) == set(range(len(PROMPTS)))
    monkeypatch.setattr(decoding, "MOST_PROMPT_TOKENS", 2 * max(tokens for _, _, tokens in whole.values()))
    assert answers(engine, sampling) == whole
    monkeypatch.setattr(decoding, "MOST_PROMPT_TOKENS", 1)
    assert answers(engine, sampling) == whole


@pytest.fixture
def in_fixed_room(monkeypatch):
    monkeypatch.setattr(generation, "fixed_room_pays", lambda model, device: True)


class Captures:
    """In place of CUDA: a captured step is taken again, ``off`` by so much in each logit but the first."""

    def __init__(self, off=0.0):
        self.off, self.captured, self.replayed = off, 0, 0

    def __call__(self, step, device):
        self.captured += 1
        return lambda: self.replay(step)

    def replay(self, step):
        self.replayed += 1
        logits = step()
        logits[:, 1:] += self.off
        return logits


@SAMPLINGS
def test_in_fixed_room_the_answers_are_the_same(base_of, in_fixed_room, monkeypatch, sampling):
    fixed = TransformersEngine(base_of(), IDENTITY)
    monkeypatch.setattr(generation, "fixed_room_pays", lambda model, device: False)
    assert answers(fixed, sampling) == answers(TransformersEngine(base_of(), IDENTITY), sampling)


def test_a_captured_step_is_replayed_and_captured_anew_when_half_of_the_rows_are_done(
    base_of, in_fixed_room, monkeypatch
):
    engine = TransformersEngine(base_of(), IDENTITY)
    as_it_is, captures = answers(engine, Sampling()), Captures()
    monkeypatch.setattr(decoding, "captured", captures)
    assert answers(engine, Sampling()) == as_it_is
    longest = max(tokens for _, tokens, _ in as_it_is.values())
    assert captures.captured > 1 and captures.replayed == longest - 1


def test_a_captured_step_that_says_something_else_is_not_used(base_of, in_fixed_room, monkeypatch):
    engine = TransformersEngine(base_of(), IDENTITY)
    as_it_is, captures = answers(engine, Sampling()), Captures(off=100.0)
    monkeypatch.setattr(decoding, "captured", captures)
    assert answers(engine, Sampling()) == as_it_is
    assert (captures.captured, captures.replayed) == (1, 1)


def test_fixed_room_is_for_small_models_on_a_gpu_that_look_at_everything(monkeypatch):
    def model_of(**changes):
        config = AutoConfig.for_model(
            "qwen2", hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
            num_key_value_heads=1, vocab_size=32, **changes,
        )  # fmt: skip
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config)

    assert fixed_room_pays(model_of(), "cuda")
    assert not fixed_room_pays(model_of(), "cpu")
    assert not fixed_room_pays(model_of(use_sliding_window=True, sliding_window=8, max_window_layers=1), "cuda")
    monkeypatch.setattr(decoding, "MOST_FIXED", 100)
    assert not fixed_room_pays(model_of(), "cuda")


def test_the_number_type_can_be_chosen():
    assert IDENTITY.dtype == "float32"
    assert identify_transformers(threads=1, batch=1, processor="any", dtype="bfloat16").dtype == "bfloat16"
