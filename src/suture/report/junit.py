"""A gate report as JUnit XML, which the pages of most CI systems show: one test case a task that was measured."""

from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from suture.core.gate.gate_report import Decision, GateReport
from suture.core.gate.losses import losses_of
from suture.core.measure.sheet import Sheet
from suture.report.verdict import verdict_line

_UNPRINTABLE = {code: None for code in range(32) if chr(code) not in "\t\n\r"} | {0xFFFE: None, 0xFFFF: None}
"""Characters that XML 1.0 has no way to write."""


def render_junit(report: GateReport, baseline: Sheet) -> str:
    """Render a failure for each loss, an error for each task without a verdict, and a case for the verdict."""
    losses = {loss.task_id: ", ".join(("passed before, fails now", *loss.why)) for loss in losses_of(report)}
    faulted = dict.fromkeys(report.faulted, "no verdict")
    cases = [_case(task_id, entry.suite, losses, faulted) for task_id, entry in baseline.entries.items()]
    refused = report.decision is not Decision.PROMOTE
    verdict = {"verdict": verdict_line(report)} if refused else {}
    cases.append(_case("verdict", "gate", verdict, {}))
    counted = f'tests="{len(cases)}" failures="{len(losses) + refused}" errors="{len(faulted)}"'
    body = "\n".join(cases)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {counted}>\n<testsuite name="suture gate" {counted}>\n'
        f"{body}\n</testsuite>\n</testsuites>\n"
    )


def _case(task_id: str, suite: str, failures: Mapping[str, str], errors: Mapping[str, str]) -> str:
    begun = f"<testcase name={_attribute(task_id)} classname={_attribute(suite)}"
    for element, told in (("failure", failures), ("error", errors)):
        if task_id in told:
            return f"{begun}><{element} message={_attribute(told[task_id])}/></testcase>"
    return f"{begun}/>"


def _attribute(text: str) -> str:
    return quoteattr(text.encode("utf-8", "replace").decode().translate(_UNPRINTABLE))
