"""The laws of the port ``Generator``, for the scripted engine and for real ones with a real model."""

from collections.abc import Iterator

import pytest

from suture.core.errors import BadFile, SutureError
from suture.core.measure.attempt import AdapterUse, EngineIdentity, FinishReason, Request, Sampling
from suture.core.plan.ports import Generator
from suture.core.plan.recipe import EngineChoice
from suture.engines.catalog import open_engine
from suture.engines.llamacpp_server import open_server
from suture.engines.scripted import ScriptedEngine
from suture.store.home import Home
from suture.wiring.engines import NAMES, Engines

TEMPLATE = "<|im_start|>user\nWrite a Python function {}.<|im_end|>\n<|im_start|>assistant\n```python\n"
TASKS = ("add(a, b)", "that reverses a string", "is_even(n)", "that checks whether a number is prime")
BUDGET = 28


def asked(stop: tuple[str, ...] = ("\n```",), max_tokens: int = BUDGET) -> list[Request]:
    return [Request(prompt=TEMPLATE.format(task), stop=stop, max_tokens=max_tokens) for task in TASKS]


REQUESTS = asked()
NEEDED = {"openvino": "openvino_genai", "llamacpp": "xllamacpp", "transformers": "peft", "openai": "xllamacpp"}


def say(prompt: str) -> str:
    """The scripted model's answer: like the real one's, it differs in length and is fenced."""
    body = "def f(a, b): " + "".join(f"x = {n} " for n in range(len(prompt) % 20))
    return f"{body}\n    return a + b\n```\nThis function does it."


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
        server = open_server(request.getfixturevalue("real_pack"), threads=1, slots=len(REQUESTS), context=512)
    url = f"{server.listening_address}/v1" if server else None
    yield EngineChoice(name=name, threads=1, batch=1 if server else len(REQUESTS), url=url)
    del server


@pytest.fixture(scope="module")
def engine(choice: EngineChoice, engines: Engines, request: pytest.FixtureRequest) -> Iterator[Generator]:
    if choice.name == "scripted":
        yield ScriptedEngine(say, batch=len(REQUESTS))
        return
    opened = engines.open(choice, request.getfixturevalue("real_pack"))
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
    mixed = [asked(("return",))[0], asked(max_tokens=3)[1], *asked(())[2:]]
    found = words(engine.generate(mixed, Sampling()))
    assert found[0].text == unstopped[0].text.partition("return")[0]
    assert (found[1].tokens, found[1].finish) == (3, FinishReason.LENGTH)
    assert all(found[index].tokens > 3 for index in (2, 3))


def test_prompt_tokens_are_counted_for_each_prompt(engine):
    short, long = Request(prompt="one two", max_tokens=1), Request(prompt="one two " * 8, max_tokens=1)
    found = words(engine.generate([short, long], Sampling()))
    assert 0 < found[0].prompt_tokens < found[1].prompt_tokens


def test_nothing_asked_nothing_answered(engine):
    assert list(engine.generate([], Sampling())) == []


def test_a_batch_that_is_abandoned_leaves_the_engine_as_it_was(engine, answers):
    abandoned = engine.generate(asked(max_tokens=200), Sampling())
    next(abandoned)
    abandoned.close()
    assert words(engine.generate(REQUESTS, Sampling())) == words(answers)


def test_a_batch_that_is_never_begun_leaves_the_engine_as_it_was(engine, answers):
    engine.generate(REQUESTS, Sampling()).close()
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
def test_openvino_refuses_what_it_does_not_compute_as_written(real_gguf):
    pytest.importorskip("openvino_genai")
    with pytest.raises(BadFile, match=r"openvino does not compute Q4_1 tensors as they are written") as refused:
        open_engine("openvino", real_gguf, threads=1, batch=1)
    assert refused.value.mend == "use engine llamacpp"
