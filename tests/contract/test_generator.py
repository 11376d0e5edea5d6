"""The laws of the port ``Generator``, for the scripted engine, for real ones with a real model, and for vLLM's row over
a stand-in for vLLM with the real model's tokenizer."""

import contextlib
import re
from collections.abc import Iterator
from importlib.util import find_spec
from unittest.mock import patch

import pytest
from fake_vllm import put_in_place
from llamacpp import OverTcp
from scripted import ScriptedEngine

from suture.core.errors import BadFile, MissingTool, SutureError
from suture.core.measure.attempt import AdapterUse, EngineIdentity, FinishReason, Request, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.core.plan.ports import Generator
from suture.engines.spec import EngineSpec, Reads
from suture.store.home import Home
from suture.wiring.engine_table import engine_table
from suture.wiring.engines import TableEngines

TEMPLATE = "<|im_start|>user\nWrite a Python function {}.<|im_end|>\n<|im_start|>assistant\n```python\n"
TASKS = ("add(a, b)", "that reverses a string", "that checks whether a number is prime")
BUDGET = 16
"""The real model's first answer ends before it, the others do not."""
TABLE = engine_table()
STAND_IN = "vllm, a stand-in"


def asked(stop: tuple[str, ...] = ("\n```",), max_tokens: int = BUDGET) -> list[Request]:
    return [Request(prompt=TEMPLATE.format(task), stop=stop, max_tokens=max_tokens) for task in TASKS]


REQUESTS = asked()


def say(prompt: str) -> str:
    """The scripted model's answer: like the real one's, it differs in length and is fenced."""
    body = "def f(a, b): " + "".join(f"x = {n} " for n in range(len(prompt) % 20 // 7))
    return f"{body}\n    return a + b\n```\nThis function does it."


def say_as_a_model(prompt: str) -> str:
    """In the real model's tokens, one answer does not end within the budget, and the others do."""
    return "def f(b): return b " * 5 if "prime" in prompt else "def f(b):\n    return b\n```\n"


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> TableEngines:
    return TableEngines(Home(tmp_path_factory.mktemp("home")), TABLE)


def of_engine(spec: EngineSpec) -> object:
    """An installed engine of another package is held to the same laws.

    Longer: all of them, because their model is made with torch. Slow: one that computes in torch, and one that asks a
    server, which is llama.cpp a second time here; how that one talks to a server is in tests/unit/engines.
    """
    slow = [pytest.mark.slow] if spec.reads in (Reads.HUGGING_FACE, Reads.NOTHING) else []
    return pytest.param(spec.name, marks=[pytest.mark.model, pytest.mark.longer, *slow])


OF_PROMPTS = [spec for spec in TABLE.values() if spec.reads is not Reads.MESSAGES]
"""One that is asked with messages has its own tests: ``tests/unit/engines/test_openai_chat.py``."""


@pytest.fixture(
    scope="module",
    params=[
        "scripted",
        pytest.param(STAND_IN, marks=[pytest.mark.model, pytest.mark.longer]),
        *map(of_engine, OF_PROMPTS),
    ],
)
def choice(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineChoice]:
    name = request.param
    if name == "scripted":
        yield EngineChoice(name=name)
        return
    if name == STAND_IN:
        if find_spec("vllm"):
            pytest.skip("the real vllm is installed")
        with pytest.MonkeyPatch.context() as changes:
            put_in_place(tmp_path_factory.mktemp("vllm"), changes).answer = say_as_a_model
            yield EngineChoice(name="vllm", threads=1, batch=len(REQUESTS))
        return
    with contextlib.ExitStack() as stack:
        asked = EngineChoice(name=name, threads=1, batch=len(REQUESTS))
        if TABLE[name].reads is Reads.NOTHING:
            pytest.importorskip("xllamacpp")
            pack = request.getfixturevalue("real_pack")
            server = stack.enter_context(OverTcp(pack, threads=1, slots=len(REQUESTS), context=512))
            stack.enter_context(patch.dict("os.environ", {"OPENAI_API_KEY": server.key}))
            asked = EngineChoice(name=name, batch=1, url=server.url)
        try:
            TABLE[name].identify(asked)
        except MissingTool as error:
            pytest.skip(str(error))
        yield asked


@pytest.fixture(scope="module")
def engine(choice: EngineChoice, engines: TableEngines, request: pytest.FixtureRequest) -> Iterator[Generator]:
    if choice.name == "scripted":
        yield ScriptedEngine(say, batch=len(REQUESTS))
        return
    # What prepares and proves the directory of a pack is not installed beside vLLM.
    opened = engines.open(choice, request.getfixturevalue("real_base" if choice.name == "vllm" else "real_pack"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def answers(engine):
    """Of one plain greedy run."""
    return list(engine.generate(REQUESTS, Sampling()))


@pytest.fixture(scope="module")
def unstopped(engine):
    return words(engine.generate(asked(()), Sampling()))


def words(found):
    """Completions by index, without their times."""
    return {index: completion.model_copy(update={"seconds": 0.0}) for index, completion in found}


def test_each_request_is_answered_exactly_once(answers):
    assert sorted(index for index, _ in answers) == list(range(len(REQUESTS)))


def test_greedy_twice_is_the_same(engine, answers):
    assert words(engine.generate(REQUESTS, Sampling())) == words(answers)


def test_the_answers_are_text(answers):
    assert all(completion.text.strip() for _, completion in answers)
    assert len({completion.text for _, completion in answers}) > 1


def test_a_budget_is_never_exceeded_and_running_out_is_said(engine):
    for _, completion in engine.generate(asked(("never said",), 5), Sampling()):
        assert completion.finish is FinishReason.LENGTH
        assert completion.tokens == 5


def test_an_answer_is_stopped_or_out_of_budget(answers):
    for _, completion in answers:
        assert 0 < completion.tokens <= BUDGET
        if completion.tokens < BUDGET:
            assert completion.finish is FinishReason.STOP
    assert {completion.finish for _, completion in answers} == set(FinishReason)


@pytest.mark.parametrize("stop", ["\n```", "return", "b):"])
def test_the_text_is_all_that_stands_before_the_stop_string(engine, unstopped, stop):
    stopped = words(engine.generate(asked((stop,)), Sampling()))
    met = [index for index, completion in unstopped.items() if stop in completion.text]
    assert met
    for index in met:
        assert stopped[index].text == unstopped[index].text.partition(stop)[0]
        assert stopped[index].finish is FinishReason.STOP
    for completion in stopped.values():
        assert stop not in completion.text


def test_the_first_of_two_stop_strings_counts(engine):
    for _, completion in engine.generate(asked(("return", "def", "import")), Sampling()):
        assert not any(stop in completion.text for stop in ("return", "def", "import"))


def test_each_request_has_its_own_stop_strings_and_budget(engine, unstopped):
    """In one batch; a request that is alone in its way is answered as it is among its like."""
    mixed = [asked(("return",))[0], asked(max_tokens=3)[1], asked(())[2]]
    found = words(engine.generate(mixed, Sampling()))
    assert found[0].text == unstopped[0].text.partition("return")[0]
    assert (found[1].tokens, found[1].finish) == (3, FinishReason.LENGTH)
    assert found[2].tokens > 3


def test_prompt_tokens_are_counted_for_each_prompt(engine):
    short, long = Request(prompt="one two", max_tokens=1), Request(prompt="one two " * 8, max_tokens=1)
    found = words(engine.generate([short, long], Sampling()))
    assert 0 < found[0].prompt_tokens < found[1].prompt_tokens


def test_nothing_asked_nothing_answered(engine):
    assert list(engine.generate([], Sampling())) == []


def test_a_batch_that_is_abandoned_or_never_begun_leaves_the_engine_as_it_was(engine, answers):
    engine.generate(asked(max_tokens=200), Sampling()).close()
    abandoned = engine.generate(asked(max_tokens=200), Sampling())
    next(abandoned)
    abandoned.close()
    assert words(engine.generate(REQUESTS, Sampling())) == words(answers)


def test_seeded_sampling_repeats(engine):
    warm = Sampling(temperature=1.0, top_p=0.9, seed=7)
    short = asked(max_tokens=6)
    assert words(engine.generate(short, warm)) == words(engine.generate(short, warm))


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
        list(engine.generate([beside], Sampling()))


def test_a_prompt_is_as_many_tokens_as_its_tokenizer_says(choice, engine, request):
    cut = str.split
    if choice.name != "scripted":
        from tokenizers import Tokenizer

        cut = Tokenizer.from_file(str(request.getfixturevalue("real_base") / "tokenizer.json")).encode
    odd = [*asked(max_tokens=1), Request(prompt="it's 12345 and\n\n  def f(a):\t3.14 é 漢 <|im_end|>\n", max_tokens=1)]
    found = words(engine.generate(odd, Sampling()))
    counts = [found[index].prompt_tokens for index in range(len(odd))]
    assert counts == [len(cut(request.prompt)) for request in odd]


@pytest.mark.model
@pytest.mark.parametrize("name", [name for name, spec in TABLE.items() if spec.why_not({"Q4_1"})])
def test_what_an_engine_does_not_compute_as_written_is_refused_when_it_is_opened(engines, real_gguf, name):
    if not TABLE[name].runs_here():
        pytest.skip(f"{name} does not run here")
    with pytest.raises(BadFile, match=re.escape(TABLE[name].why_not({"Q4_1"}))) as refused:
        engines.open(EngineChoice(name=name, threads=1, batch=1), real_gguf)
    assert refused.value.mend == "use engine llamacpp"
