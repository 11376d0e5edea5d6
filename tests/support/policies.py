"""Policies that answer, behind no door or behind one, from fake speakers and with a judge in this process."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from doors import CHATML
from fake_speaker import FakeSpeaker

from suture.core.measure.checks.python import Assertions, PythonCheck
from suture.core.measure.policy import Policy, Tier
from suture.core.measure.served_answer import ServedAnswer
from suture.core.measure.speech import Piece
from suture.core.measure.task import AnswerForm, Message, Task, check_of, fenced
from suture.core.measure.verdict import IsolationLevel, JudgeIdentity, Outcome, Reason, Verdict
from suture.serve.examiner import JudgingExaminer
from suture.serve.policy_answers import Job, PolicyAnswers
from suture.serve.responder import Ended, Event, Inquiry
from suture.serve.voice import Voice


class HereJudge:
    """Runs programs of tests in this process: they are the tests' own."""

    identity = JudgeIdentity(version="here", level=IsolationLevel.L0, unsafe_local=True)

    def __init__(self) -> None:
        self.judged: list[str] = []

    def judge(self, submissions: Sequence[tuple[Task, str]]) -> Iterator[tuple[int, Verdict]]:
        for index, (task, program) in enumerate(submissions):
            self.judged.append(program)
            yield index, _verdict(check_of(task, PythonCheck), program)

    def close(self) -> None:
        pass


def _verdict(check: PythonCheck, program: str) -> Verdict:
    assert isinstance(check.tests, Assertions)
    try:
        compile(program, "program", "exec")
    except SyntaxError as error:
        return Verdict(outcome=Outcome.FAIL, reason=Reason.SYNTAX, detail=str(error))
    try:
        exec("\n".join([check.prelude, program, *check.tests.statements]), {})
    except Exception as error:  # whatever the program raises is its verdict
        return Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail=repr(error))
    return Verdict(outcome=Outcome.PASS)


def said(text: str) -> FakeSpeaker:
    return FakeSpeaker(lambda _: text)


def tier(name: str, digit: str, **more: Any) -> Tier:
    return Tier(name=name, pack=digit * 64, **more)


def python_question(text: str = "Write add.\n\n```python\nassert add(1, 2) == 3\n```") -> Inquiry:
    return Inquiry(model="m", messages=(Message(role="user", content=text),))


def text_question(text: str = "How are you?") -> Inquiry:
    return Inquiry(model="m", messages=(Message(role="user", content=text),))


class Behind(PolicyAnswers):
    """Knows what is told of its answers."""

    told: ServedAnswer


def behind(policy: Policy, speakers: Mapping[str, FakeSpeaker], *, kind: str = "") -> Behind:
    packs = {one.name: one.pack for one in policy.tiers}
    voices = {name: Voice(name, packs[name], speaker, CHATML) for name, speaker in speakers.items()}
    job = Job(kind=kind, form=fenced("python") if kind == "python" else AnswerForm())
    examiner = JudgingExaminer(HereJudge)
    examiner.prepare(kind)
    answers = Behind(policy, voices, examiner, job)
    answers.told = ServedAnswer(policy=policy.sha256)
    return answers


def ask(answers: Behind, asked: Inquiry, *, events: bool = False) -> Any:
    """(text, how), or every event."""
    seen = asyncio.run(_all(answers, asked))
    if events:
        return seen
    ended = seen[-1]
    assert isinstance(ended, Ended)
    return "".join(event.text for event in seen if isinstance(event, Piece)), ended.how


async def _all(answers: Behind, asked: Inquiry) -> list[Event]:
    async with aclosing(answers.respond(asked, answers.told)) as given:
        return [event async for event in given]
