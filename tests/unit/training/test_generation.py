"""The transformers engine on a tiny model: neither prompts read in several passes nor fixed room change an answer."""

import contextlib
from importlib.metadata import version

import pytest
import torch
from peft_adapters import save_adapter
from transformers import AutoConfig, AutoModelForCausalLM

from suture.core.measure.attempt import AdapterUse, Request, Sampling
from suture.files.small_files import sha256_of
from suture.training import decoding, generation
from suture.training.decoding import fixed_room_pays
from suture.training.generation import TransformersEngine, identify_transformers
from suture.training.graphs import Graphs

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


def test_a_long_neighbour_does_not_cut_an_answer_off(base_of):
    engine = TransformersEngine(base_of(), IDENTITY)
    room = engine._longest
    short = Request(prompt="a", max_tokens=room - 40)
    long = Request(prompt="word " * 40, max_tokens=8)
    [alone] = [said for _, said in engine.generate([short], Sampling())]
    beside = dict(engine.generate([short, long], Sampling()))
    assert alone.tokens > room - beside[1].prompt_tokens > 8, "the neighbour is long, and fits"
    assert beside[0].tokens == alone.tokens
    assert (beside[0].text, beside[0].finish) == (alone.text, alone.finish)


@pytest.fixture
def in_fixed_room(monkeypatch):
    monkeypatch.setattr(generation, "fixed_room_pays", lambda model, device: True)


class Captures(Graphs):
    """In place of CUDA: a captured step is taken again with what lies where it lay, and gives one tensor each time.

    One that is ``wrong`` says something else, and leaves other keys of this token behind.
    """

    def __init__(self, wrong=False):
        super().__init__()
        self.wrong, self.captured, self.replayed = wrong, 0, 0

    def capture(self, step, device):
        if self._refused:
            return None
        self.captured += 1
        fixed = step.__self__
        read, out = self.addresses(fixed), []

        def replay():
            self.replayed += 1
            assert self.addresses(fixed) == read
            logits = step()
            if self.wrong:
                logits += 1.0
                for layer in fixed._cache.layers:
                    layer.keys[:, :, fixed._length] += 1.0
            out.append(logits) if not out else out[0].copy_(logits)
            return out[0]

        return replay

    @staticmethod
    def addresses(fixed):
        parts = [fixed._token, fixed._places, fixed._bias]
        for layer in fixed._cache.layers:
            parts += [layer.keys, layer.values, layer.cumulative_length]
        return [part.data_ptr() for part in parts]


@SAMPLINGS
def test_in_fixed_room_the_answers_are_the_same(base_of, in_fixed_room, monkeypatch, sampling):
    fixed = TransformersEngine(base_of(), IDENTITY)
    monkeypatch.setattr(generation, "fixed_room_pays", lambda model, device: False)
    assert answers(fixed, sampling) == answers(TransformersEngine(base_of(), IDENTITY), sampling)


@pytest.fixture
def captures(monkeypatch):
    """A graph of each step, however few remain, and of however few rows."""
    made = Captures()
    monkeypatch.setattr(generation, "Graphs", lambda: made)
    monkeypatch.setattr(decoding, "WORTH", 0)
    monkeypatch.setattr(decoding, "FEW", 1)
    return made


@SAMPLINGS
def test_a_captured_step_is_replayed_and_captured_anew_when_half_of_the_rows_are_done(
    base_of, in_fixed_room, captures, monkeypatch, sampling
):
    engine = TransformersEngine(base_of(), IDENTITY)
    found = answers(engine, sampling)
    assert captures.captured > 1 and captures.replayed > 2 * captures.captured
    monkeypatch.setattr(generation, "fixed_room_pays", lambda model, device: False)
    assert found == answers(TransformersEngine(base_of(), IDENTITY), sampling)


def test_room_that_is_full_is_made_larger(base_of, in_fixed_room, captures, monkeypatch):
    engine = TransformersEngine(base_of(), IDENTITY)
    found, before = answers(engine, Sampling()), captures.captured
    monkeypatch.setattr(decoding, "BLOCK", 4)
    monkeypatch.setattr(decoding, "ALIGNED", 2)
    assert answers(engine, Sampling()) == found
    assert captures.captured > 2 * before


def test_a_captured_step_that_says_something_else_leaves_nothing_and_is_not_tried_again(
    base_of, in_fixed_room, captures, caplog
):
    engine = TransformersEngine(base_of(), IDENTITY)
    captures.wrong = True
    found = answers(engine, Sampling())
    assert (captures.captured, captures.replayed) == (1, 1)
    assert "something else" in caplog.text
    assert answers(engine, Sampling()) == found
    assert captures.captured == 1


def test_an_adapter_is_switched_on_for_the_steps_of_its_rows(base_of, in_fixed_room, captures, monkeypatch, tmp_path):
    path = save_adapter(base_of(), tmp_path / "adapter", seed=1, std=0.2, target_modules=["q_proj", "v_proj"])
    sha256 = sha256_of(path / "adapter_model.safetensors")
    requests = [
        Request(prompt=PROMPTS[1], max_tokens=9, adapter=use)
        for use in (None, AdapterUse(sha256=sha256, scale=1.0), AdapterUse(sha256=sha256, scale=0.25))
    ]

    def said():
        engine = TransformersEngine(base_of(), IDENTITY, {sha256: path})
        return {at: one.text for at, one in engine.generate(requests, Sampling())}

    found = said()
    assert len(set(found.values())) == len(requests)
    monkeypatch.setattr(generation, "fixed_room_pays", lambda model, device: False)
    assert said() == found


@pytest.mark.parametrize("budget", [1, 2])
def test_one_row_and_few_tokens(base_of, in_fixed_room, captures, budget):
    engine = TransformersEngine(base_of(), IDENTITY)
    said = dict(engine.generate([Request(prompt=PROMPTS[0], max_tokens=budget)], Sampling()))
    assert said[0].tokens <= budget and captures.captured == budget - 1


class BrokenGraph:
    """A CUDA graph that nothing can be captured in."""

    def capture_begin(self, capture_error_mode):
        self.mode = capture_error_mode

    def capture_end(self):
        raise RuntimeError("operation failed due to a previous error during capture")


def test_what_cannot_be_captured_is_said_once_and_not_tried_again(monkeypatch, caplog):
    entered, steps = [], []

    @contextlib.contextmanager
    def stream(_):
        entered.append("in")
        try:
            yield
        finally:
            entered.append("out")

    fakes = {"Stream": lambda _: "its own", "stream": stream, "synchronize": lambda _: None, "CUDAGraph": BrokenGraph}
    for name, fake in fakes.items():
        monkeypatch.setattr(torch.cuda, name, fake)
    graphs = Graphs()

    def step():
        steps.append(1)
        return torch.zeros(1)

    for _ in range(2):
        assert graphs.capture(step, torch.device("cuda")) is None
    assert (entered, steps) == (["in", "out"], [1])
    assert "previous error during capture" in caplog.text


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
    assert not fixed_room_pays(model_of(attn_implementation="eager"), "cuda")
    assert not fixed_room_pays(model_of(use_sliding_window=True, sliding_window=8, max_window_layers=1), "cuda")
    monkeypatch.setattr(decoding, "MOST_FIXED", 100)
    assert not fixed_room_pays(model_of(), "cuda")


def test_the_number_type_can_be_chosen():
    assert IDENTITY.dtype == "float32"
    assert identify_transformers(threads=1, batch=1, processor="any", dtype="bfloat16").dtype == "bfloat16"


def test_on_a_gpu_the_numbers_say_the_rule_of_graphs_and_torch(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA H200")
    monkeypatch.setattr(generation, "gpu_driver", lambda: "580.1")
    on_gpu = identify_transformers(threads=1, batch=1, processor="any")
    assert on_gpu.numbers == f"torch {version('torch')}, {decoding.FIXED_NUMBERS}"
    assert IDENTITY.numbers is None
