"""Kind ``tool-calls``: the answer calls the wanted functions, or refrains. Decided without running anything."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from suture.core.measure.asked import Asked
from suture.core.measure.attempt import Completion
from suture.core.measure.chat import ChatTemplate
from suture.core.measure.checks.tool_calls import EXACT, OFFERED, ToolCallsCheck
from suture.core.measure.grounds import Grounds
from suture.core.measure.prompts import form_of, written_calls
from suture.core.measure.task import Message, Task, check_of
from suture.core.measure.tools import Tool, ToolCall
from suture.core.measure.tools_by import ToolsBy, tools_by
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.remembered import remembered
from suture.suites.kinds.fences import is_opened, single_block
from suture.suites.kinds.json_values import read_value
from suture.suites.kinds.kind import Shown, Words, truncated, without_answer
from suture.suites.kinds.thoughts import after_thoughts
from suture.suites.kinds.tool_calls import bfcl, exact, offered
from suture.suites.kinds.tool_calls.calls import Call, NoCalls
from suture.suites.kinds.tool_calls.expected import first_reference, why_unusable
from suture.suites.kinds.tool_calls.reading import attempts_a_call, is_broken_data, read_calls
from suture.suites.kinds.tool_calls.variations import ToolVariations
from suture.suites.kinds.tool_calls.words import question_of

_PASS = Verdict(outcome=Outcome.PASS)


class ToolCallsKind:
    words = Words("Tool calls", "calls", "no calls that can be read, or cut off")
    writing = None
    sandboxing = None

    @property
    def varying(self) -> ToolVariations:
        """See the port."""
        return ToolVariations(lambda task: self.decide(task, reference_of(task)).passed)

    def extract(self, task: Task, completion: Completion) -> str | Verdict:
        """The whole answer: which part of it makes calls depends on the tools that were offered."""
        answer = after_thoughts(completion.text)
        if answer is None:
            return without_answer(completion, "no answer after its reasoning")
        if not answer.strip():
            return without_answer(completion, "an empty answer: to call nothing is an empty list, or a sentence")
        return completion.text

    def decide(self, task: Task, answer: str) -> Verdict:
        """FAIL syntax for an answer in none of the known forms, FAIL wrong for other calls or a call too many."""
        check = check_of(task, ToolCallsCheck)
        if check.rule == OFFERED:
            return _held_to_tools(answer, {tool.name: tool for tool in task.tools})
        rule = _rule(check, task.tools)
        return _calling(rule, answer) if rule.wanted else _refraining(rule, answer)

    def settle(self, completion: Completion, verdict: Verdict) -> Verdict:
        """Broken calls in an answer that ran out of tokens are a truncation: the same loss, its real cause."""
        return truncated(completion, verdict, Reason.SYNTAX)

    def stated_answer(self, task: Task) -> str:
        """The wanted calls as they are asked for; an empty list where nothing may be called."""
        return reference_of(task)

    def target_of_reference(self, task: Task, template: ChatTemplate, *, restyle: bool) -> str | None:
        """The reference's calls in the form that the template asks for; by default the first that pass the check."""
        if not _rule(check_of(task, ToolCallsCheck), task.tools).wanted:
            return written_calls(task, template, [])
        calls = read_calls(task.reference or reference_of(task), [tool.name for tool in task.tools])
        return written_calls(task, template, [_stored(call) for call in calls])

    def target_of_answer(self, task: Task, template: ChatTemplate, text: str) -> str:
        form = form_of(task, template)
        if tools_by(template) is ToolsBy.TEMPLATE or form.opening == "":
            return text.strip() + form.closing
        block = single_block(text, opened=is_opened(text))
        return (text if block is None else block).strip() + form.closing

    def rewriting(self, task: Task, *, restyle: bool) -> tuple[Message, ...] | None:
        """None: calls have no version of the model's own."""

    def shown(self, asked: Asked) -> Shown | None:
        """The tools that are offered; None where none are."""
        return Shown(ToolCallsCheck(rule=OFFERED, calls_text="[]"), Grounds.TOOLS) if asked.tools else None

    def complaint(self, task: Task) -> str | None:
        """A wanted call of a tool that is not offered, without a required parameter, or that cannot pass its own
        rule."""
        check = check_of(task, ToolCallsCheck)
        if check.rule == EXACT and (said := why_unusable(check, task.tools)) is not None:
            return said
        if not json.loads(check.calls_text):
            return None
        verdict = self.decide(task, reference_of(task))
        return None if verdict.passed else f"no answer can pass its check: {verdict.detail}"


def reference_of(task: Task) -> str:
    """The wanted calls as the question asks for them, as a JSON list; see ``first_reference``."""
    check = check_of(task, ToolCallsCheck)
    rule = _rule(check, task.tools)

    def passes(text: str) -> bool:
        return rule.difference(read_calls(text, rule.tools)) is None

    return first_reference(check, task.tools, question_of(task), passes)


class _Rule(NamedTuple):
    """A check, read once."""

    exact: bool
    wanted: tuple[Any, ...]
    tools: Mapping[str, Tool]

    def difference(self, made: list[Call]) -> str | None:
        if self.exact:
            return exact.compare(cast("tuple[exact.WantedCall, ...]", self.wanted), made, self.tools)
        return bfcl.compare(self.wanted, made, self.tools)


def _held_to_tools(answer: str, tools: Mapping[str, Tool]) -> Verdict:
    try:
        said = offered.complaint(answer, tools)
    except NoCalls as error:
        return Verdict(outcome=Outcome.FAIL, reason=Reason.SYNTAX, detail=f"no calls: {error}")
    return (
        Verdict(outcome=Outcome.PASS)
        if said is None
        else Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail=said)
    )


def _refraining(rule: _Rule, answer: str) -> Verdict:
    if not (after_thoughts(answer) or "").strip():
        return Verdict(outcome=Outcome.FAIL, reason=Reason.NO_ANSWER, detail="an empty answer")
    if attempts_a_call(answer, rule.tools):
        return Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail="calls, where nothing fits")
    return Verdict(outcome=Outcome.PASS, vacuous=is_broken_data(answer, rule.tools))


def _calling(rule: _Rule, answer: str) -> Verdict:
    try:
        made = read_calls(answer, rule.tools)
    except NoCalls as error:
        return Verdict(outcome=Outcome.FAIL, reason=Reason.SYNTAX, detail=f"no calls: {error}")
    said = rule.difference(made)
    return _PASS if said is None else Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail=said)


@remembered(4096)
def _rule(check: ToolCallsCheck, tools: tuple[Tool, ...]) -> _Rule:
    by_name = {tool.name: tool for tool in tools}
    if check.rule == EXACT:
        return _Rule(True, exact.wanted_calls(check.calls_text, check.optional), by_name)
    return _Rule(False, tuple(bfcl.plain(call) for call in read_value(check.calls_text)), by_name)


def _stored(call: Call) -> ToolCall:
    arguments = {name: bfcl.plain(value) for name, value in call.arguments.items()}
    return ToolCall(name=call.name, arguments_text=json.dumps(arguments, ensure_ascii=False))
