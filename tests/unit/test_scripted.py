"""The engine that stands in for a model in other tests."""

from scripted import ScriptedEngine

from suture.core.measure.attempt import Completion, FinishReason, Request, Sampling


def ask(answer, *prompts, **limits):
    engine = ScriptedEngine(answer)
    return dict(engine.generate([Request(prompt=p, **limits) for p in prompts], Sampling()))


def test_each_prompt_gets_its_own_answer():
    answers = ask(str.upper, "a", "b")
    assert {index: answer.text for index, answer in answers.items()} == {0: "A", 1: "B"}


def test_a_budget_that_runs_out_is_said():
    assert ask(lambda _: "one two three", "a prompt", max_tokens=2)[0] == Completion(
        text="one two", finish=FinishReason.LENGTH, prompt_tokens=2, tokens=2
    )


def test_a_stop_string_ends_the_answer():
    answer = ask(lambda _: "one two three", "a", max_tokens=2, stop=(" three",))[0]
    assert (answer.text, answer.finish) == ("one two", FinishReason.STOP)


def test_it_remembers_what_it_was_asked():
    engine = ScriptedEngine(str.upper, batch=2)
    list(engine.generate([Request(prompt="x"), Request(prompt="y")], Sampling()))
    assert engine.asked == ["x", "y"]
    assert engine.identity.batch == 2
