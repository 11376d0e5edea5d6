"""vLLM's row over a stand-in: what is sent, and what is said where it does not work.

The real one needs a GPU: ``tests/contract/test_generator.py -k vllm`` asks it where it is installed.
"""

import inspect
import json
import os
import shutil
import sys
from contextlib import closing
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import fake_vllm
import pytest

from suture.core.errors import BadFile, Fault, MissingTool, UsageError
from suture.core.measure.attempt import AdapterUse, FinishReason, Request, Sampling
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.task import Message
from suture.engines.table import VLLM
from suture.machine.installing import install_extra
from suture.wiring.engine_table import OWN, usual_engine

REAL = find_spec("vllm") is not None
GREEDY = Sampling()
BOS = "<|endoftext|>"
CHOSEN_ELSEWHERE = {
    "logprobs": "asks for numbers, and changes no text",
    "prompt_logprobs": "the same",
    "prompt_logprob_token_ids": "the same",
    "prompt_logprob_start": "the same",
    "logprob_token_ids": "the same",
    "flat_logprobs": "the same",
    "output_kind": "vllm.LLM sets it",
    "stream_interval": "nothing is streamed",
    "skip_clone": "says who owns the object",
    "skip_reading_prefix_cache": "there is no such cache",
    "routed_experts_prompt_start": "asks for numbers",
    "structured_outputs": "off unless it is sent; the model's files cannot turn it on",
    "extra_args": "the same",
    "thinking_token_budget": "the same",
    "repetition_detection": "the same",
    "watermarking": "the same",
    "trace_decode_token_ids": "the same",
}


@pytest.fixture
def script(tmp_path, monkeypatch):
    if REAL:
        pytest.skip("the real vllm is installed")
    for name in [name for name in os.environ if name.startswith("VLLM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VLLM_BATCH_INVARIANT", "0")
    before = dict(os.environ)
    yield fake_vllm.put_in_place(tmp_path, monkeypatch)
    for name in set(os.environ) - set(before):
        del os.environ[name]


@pytest.fixture
def opened(script, base_of):
    def opened(architecture="llama", **asked):
        choice = EngineChoice(**{"name": "vllm", "threads": 1, "batch": 4} | asked)
        return VLLM.open(base_of(architecture), choice, VLLM.identify(choice), {})

    return opened


def ask(engine, *requests, sampling=GREEDY):
    return dict(engine.generate(requests, sampling))


def test_the_environment_is_set_before_vllm_is_imported(opened, script):
    opened()
    at_import = sys.modules["vllm"].AT_IMPORT
    assert at_import["VLLM_ENABLE_V1_MULTIPROCESSING"] == "0"
    assert at_import["VLLM_NO_USAGE_STATS"] == "1"
    assert at_import["VLLM_LOGGING_STREAM"] == "ext://sys.stderr"


def test_what_vllm_would_choose_by_itself_is_chosen(opened, script, base_of):
    opened(batch=7)
    (asked,) = script.opened
    assert asked == {
        "model": str(base_of().resolve()),
        "load_format": "safetensors",
        "trust_remote_code": False,
        "dtype": "bfloat16",
        "seed": 0,
        "tensor_parallel_size": 1,
        "enforce_eager": False,
        "max_num_seqs": 7,
        "enable_prefix_caching": False,
        "generation_config": "vllm",
        "disable_log_stats": True,
        "use_tqdm_on_load": False,
    }


def test_the_recipe_says_how_it_is_opened(opened, script):
    opened(eager=True, context=100, gpu_memory=0.3)
    (asked,) = script.opened
    assert (asked["enforce_eager"], asked["max_model_len"], asked["gpu_memory_utilization"]) == (True, 100, 0.3)


def test_every_setting_of_sampling_is_sent(opened, script):
    """A field that is left out is the model's own, or vLLM's: temperature 1, 16 tokens."""
    warm = Sampling(temperature=0.7, top_p=0.9, seed=5)
    ask(opened(), Request(prompt="a", stop=("b", "c"), max_tokens=9), Request(prompt="d"), sampling=warm)
    ((_, (first, second)),) = script.calls
    assert set(first.sent) == set(fake_vllm.SAMPLING) - set(CHOSEN_ELSEWHERE)
    sent = first.sent
    assert (sent["temperature"], sent["top_p"], sent["top_k"], sent["min_p"]) == (0.7, 0.9, 0, 0.0)
    assert (sent["max_tokens"], sent["stop"]) == (9, ["b", "c"])
    assert sent["skip_special_tokens"] is True
    assert (first.sent["seed"], second.sent["seed"]) == (5, 6)
    assert (second.sent["max_tokens"], second.sent["stop"]) == (256, [])


def test_a_seed_is_never_the_one_that_means_none(opened, script):
    ask(opened(), Request(prompt="a"), sampling=Sampling(temperature=1.0, seed=-1))
    assert script.calls[0][1][0].whole.seed == 2**63 - 1


@pytest.mark.parametrize("temperature", [0.001, 2.5])
def test_a_temperature_that_vllm_would_change_or_refuse_is_refused(opened, script, temperature):
    with pytest.raises(UsageError, match="cannot sample at temperature"):
        ask(opened(), Request(prompt="a"), sampling=Sampling(temperature=temperature))
    assert not script.calls


def test_a_batch_is_one_call_and_its_answers_come_in_order(opened, script):
    script.answer = lambda prompt: prompt.upper()
    prompts = ["one", "two and more", "three"]
    answers = list(opened().generate([Request(prompt=prompt) for prompt in prompts], GREEDY))
    assert len(script.calls) == 1
    assert [(index, said.text) for index, said in answers] == list(enumerate(map(str.upper, prompts)))
    assert {said.finish for _, said in answers} == {FinishReason.STOP}


@pytest.mark.parametrize("adds_bos", [True, False])
def test_bos_comes_once_where_the_tokenizer_adds_it_and_where_the_template_writes_it(
    script, base_of, tmp_path, adds_bos
):
    directory = shutil.copytree(base_of(), tmp_path / "model")
    if adds_bos:
        _put_first(BOS, 0, directory / "tokenizer.json")
    template = ChatTemplate(source="{{ bos_token }}{{ messages[0]['content'] }}", bos=BOS, adds_bos=adds_bos)
    prompt = template.render([Message(role="user", content="add")])
    choice = EngineChoice(name="vllm", batch=1, threads=1)
    ask(VLLM.open(directory, choice, VLLM.identify(choice), {}), Request(prompt=prompt))
    (((sent,), _),) = script.calls
    assert list(sent) == ["prompt_token_ids"]
    assert sent["prompt_token_ids"][0] == 0
    assert sent["prompt_token_ids"].count(0) == 1


@pytest.mark.parametrize("architecture", ["llama", "gemma3"])
def test_a_prompt_is_cut_as_the_reference_engine_cuts_it(opened, script, base_of, architecture):
    from suture.training.load import load_tokenizer

    prompt = "it's 12345 and\n\n  def f(a):\t3.14 é 漢 <|im_end|>\n"
    found = ask(opened(architecture), Request(prompt=prompt, max_tokens=1))
    ids = load_tokenizer(base_of(architecture))(prompt)["input_ids"]
    assert script.calls[0][0] == [{"prompt_token_ids": ids}]
    assert found[0].prompt_tokens == len(ids)


def test_how_an_answer_ended_is_said(opened, script):
    script.answer = lambda prompt: "one two\n```\nthree"
    engine = opened()
    found = ask(
        engine,
        Request(prompt="a"),
        Request(prompt="a", stop=("\n```", "three")),
        Request(prompt="a", max_tokens=3),
    )
    assert [found[at].finish for at in range(3)] == [FinishReason.STOP, FinishReason.STOP, FinishReason.LENGTH]
    assert [found[at].text for at in range(2)] == ["one two\n```\nthree", "one two"]
    assert found[2].tokens == 3
    assert found[1].tokens < found[0].tokens


def test_the_end_token_is_counted_and_not_shown(opened, script, base_of):
    """As in the other engines, which leave special tokens out of a text."""
    script.answer = lambda prompt: "<|im_start|>a"
    (said,) = ask(opened(), Request(prompt="b")).values()
    assert (said.text, said.tokens) == ("a", 3)


def test_a_prompt_that_does_not_fit_is_cut_off_and_disturbs_no_other(opened, script):
    found = ask(opened(context=32), Request(prompt="a" * 99), Request(prompt="b"), Request(prompt="c" * 99))
    assert [(found[at].finish, found[at].tokens) for at in (0, 2)] == [(FinishReason.LENGTH, 0)] * 2
    assert found[1].text == "b"
    assert [len(prompts) for prompts, _ in script.calls] == [1]
    assert ask(opened(context=32), Request(prompt="a" * 99))[0].prompt_tokens > 32
    assert len(script.calls) == 1


def test_an_adapter_is_refused_before_anything_is_asked(opened, script):
    with pytest.raises(UsageError, match="loads no adapter") as refused:
        ask(opened(), Request(prompt="a", adapter=AdapterUse(sha256="0" * 64, scale=1.0)))
    assert "merge" in (refused.value.mend or "")
    assert not script.calls


@pytest.mark.parametrize("broken_by", [RuntimeError("CUDA error: an illegal access"), KeyboardInterrupt()])
def test_an_engine_that_was_broken_off_answers_no_more(opened, script, broken_by):
    """What is left of a batch in vLLM's queue would be answered with the next one, and change its rounding."""
    engine = opened()
    script.generate_error = broken_by
    with pytest.raises(KeyboardInterrupt if isinstance(broken_by, KeyboardInterrupt) else Fault):
        ask(engine, Request(prompt="a"))
    script.generate_error = None
    with pytest.raises(Fault, match="broken off") as refused:
        ask(engine, Request(prompt="a"))
    assert refused.value.mend == "open the engine again"
    assert ask(opened(), Request(prompt="a"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lost": 1}, "vllm gave 1 answers to 2 prompts"),
        ({"finish": "abort"}, "vllm ended a request with 'abort'"),
        ({"finish": "error"}, "'error'"),
        ({"generate_error": fake_vllm.VLLMValidationError("two\n lines")}, "while generating: two lines$"),
    ],
)
def test_what_is_no_answer_is_a_fault(opened, script, change, said):
    engine = opened()
    vars(script).update(change)
    with pytest.raises(Fault, match=said):
        ask(engine, Request(prompt="a"), Request(prompt="b"))


KV_CACHE = (
    "To serve at least one request with the model's max seq len (131072), (16.0 GiB KV cache is needed, which is "
    "larger than the available KV cache memory (3.2 GiB). Based on the available memory, the estimated maximum model "
    "length is 26288. Try increasing `gpu_memory_utilization` or decreasing `max_model_len` ..."
)
"""As vLLM 0.33 words it; so too the next ones."""
BUSY = (
    "Free memory on device cuda:0 (1.2/79.1 GiB) on startup is less than desired GPU memory utilization (0.92, 72.8 "
    "GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes."
)


@pytest.mark.parametrize(
    ("raised", "kind", "said", "mend"),
    [
        (ValueError(KV_CACHE), UsageError, "estimated maximum model length is 26288", "engine.context"),
        (ValueError(BUSY), UsageError, "memory does not do for vllm: Free memory", "engine.gpu_memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), UsageError, "memory does not do", "engine.batch"),
        (ValueError("Model architectures ['X'] are not supported"), BadFile, "vllm cannot load it", "transformers"),
        (KeyError("model.layers.0"), BadFile, "vllm cannot load it", "transformers"),
    ],
)
def test_a_model_that_is_not_loaded_is_one_line(opened, script, raised, kind, said, mend):
    script.load_error = raised
    with pytest.raises(kind, match=said) as refused:
        opened()
    assert mend in (refused.value.mend or "")
    assert "\n" not in str(refused.value)


def test_a_context_longer_than_the_models_own_is_one_line(opened):
    with pytest.raises(UsageError, match=r"engine.context is longer than the model's own: .*\(257\)"):
        opened(context=257)


def test_a_directory_that_is_none_is_not_looked_for_on_the_hub(script, tmp_path):
    choice = EngineChoice(name="vllm")
    with pytest.raises(BadFile, match=r"no config\.json"):
        VLLM.open(tmp_path / "owner" / "name", choice, VLLM.identify(choice), {})
    assert not script.opened


@pytest.mark.parametrize("name", ["max_num_seqs", "generation_config"])
def test_a_version_that_knows_no_such_argument_is_one_line(opened, monkeypatch, name):
    monkeypatch.setattr(fake_vllm, "OPENING", fake_vllm.OPENING - {name})
    with pytest.raises(MissingTool, match=f"not one that Suture knows: .*'{name}'") as refused:
        opened()
    assert refused.value.mend == install_extra("vllm")


def test_a_version_that_knows_no_such_sampling_is_one_line(opened, monkeypatch):
    monkeypatch.setattr(
        fake_vllm, "SAMPLING", {name: value for name, value in fake_vllm.SAMPLING.items() if name != "n"}
    )
    with pytest.raises(MissingTool, match=r"not one that Suture knows: .*'n'"):
        ask(opened(), Request(prompt="a"))


def test_a_version_without_a_name_is_one_line(opened, monkeypatch):
    monkeypatch.delattr(fake_vllm.LLM, "get_tokenizer")
    with pytest.raises(MissingTool, match=r"not one that Suture knows: .*get_tokenizer"):
        opened()


def test_a_package_that_cannot_be_imported_is_one_line(script, tmp_path):
    (tmp_path / "vllm" / "platforms.py").write_text("raise OSError('libcudart.so.13: cannot open shared object file')")
    with pytest.raises(MissingTool, match="cannot be imported: libcudart"):
        VLLM.identify(EngineChoice(name="vllm"))


def test_an_identity_says_what_computed(script, monkeypatch):
    monkeypatch.setattr("suture.engines.vllm_here.gpu_driver", lambda: "570.86.15")
    found = VLLM.identify(EngineChoice(name="vllm", threads=3, batch=5))
    assert (found.name, found.version, found.threads, found.batch) == ("vllm", fake_vllm.VERSION, 3, 5)
    assert (found.device, found.driver, found.dtype) == ("cuda: NVIDIA H100 80GB HBM3", "570.86.15", "bfloat16")
    assert found.processor is None
    assert found.numbers == f"torch {version('torch')}, CUDA graphs"
    assert not script.opened


def test_whatever_changes_answers_is_another_instrument(script, monkeypatch):
    plain = EngineChoice(name="vllm", threads=1)
    changes = [{}, {"eager": True}, {"context": 100}, {"batch": 8}]
    found = [VLLM.identify(plain.model_copy(update=change)) for change in changes]
    monkeypatch.setenv("VLLM_BATCH_INVARIANT", "1")
    found.append(VLLM.identify(plain))
    script.gpu = "NVIDIA H200"
    found.append(VLLM.identify(plain))
    assert len({identity.digest for identity in found}) == len(found)
    assert VLLM.identify(plain.model_copy(update={"gpu_memory": 0.5})).digest == found[-1].digest


def test_without_a_gpu_it_says_so(script):
    script.gpu = ""
    with pytest.raises(MissingTool, match="needs a CUDA GPU"):
        VLLM.identify(EngineChoice(name="vllm"))


def test_a_gpu_without_bf16_is_refused_by_name(script):
    script.gpu, script.capability = "Tesla T4", 75
    with pytest.raises(MissingTool, match="computes in BF16, and Tesla T4 does not"):
        VLLM.identify(EngineChoice(name="vllm"))


def test_other_numbers_than_bf16_are_refused(script):
    assert VLLM.identify(EngineChoice(name="vllm", dtype="bfloat16")).dtype == "bfloat16"
    with pytest.raises(UsageError, match="computes in bfloat16, and dtype says float32"):
        VLLM.identify(EngineChoice(name="vllm", dtype="float32"))


def test_closing_gives_the_memory_back(opened, script):
    with closing(opened()):
        pass
    assert script.closed == ["engine core", "memory"]


def test_it_is_never_taken_unless_it_is_named(script, base_of):
    assert not VLLM.runs_here()
    assert usual_engine(base_of() / "base.gguf")[0] != "vllm"
    assert OWN[-1] is VLLM


def test_the_remedy_warns_of_what_cannot_be_installed_together():
    if REAL:
        pytest.skip("the real vllm is installed")
    with pytest.raises(MissingTool) as refused:
        VLLM.identify(EngineChoice(name="vllm"))
    assert "an environment without the extra train" in (refused.value.mend or "")


@pytest.mark.skipif(not REAL, reason="vllm is not installed")
def test_the_stand_in_knows_no_argument_that_the_real_one_has_not():
    import vllm
    from vllm.engine.arg_utils import EngineArgs

    opening = {*inspect.signature(vllm.LLM).parameters, *inspect.signature(EngineArgs).parameters}
    assert opening >= fake_vllm.OPENING
    assert set(inspect.signature(vllm.SamplingParams).parameters) >= set(fake_vllm.SAMPLING)
    asked = inspect.signature(vllm.LLM.generate).parameters
    assert set(asked) == set(inspect.signature(fake_vllm.LLM.generate).parameters)


def _put_first(text: str, index: int, file: Path) -> None:
    """Have a tokenizer put this token before every text."""
    said = json.loads(file.read_text("utf-8"))
    said["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": text, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {text: {"id": text, "ids": [index], "tokens": [text]}},
    }
    file.write_text(json.dumps(said), "utf-8")
