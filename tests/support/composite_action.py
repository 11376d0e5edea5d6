"""Runs the ``run:`` steps of a composite action with bash, as a runner of GitHub would."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

NAME = re.compile(r"\b(?:inputs|steps|github|env)(?:\.[\w-]+)+|\balways\(\)|'[^']*'|&&|\|\||!=|==|!")


@dataclass
class ActionRun:
    """What came of one run."""

    failed: bool = False
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    log: str = ""
    ran: list[str] = field(default_factory=list)
    summary: str = ""


def run_action(path: Path, workspace: Path, inputs: dict[str, str], github: dict[str, Any], *, first_on_path: Path):
    """``github``: that context, by dotted name. ``first_on_path``: a directory with stand-ins of programs."""
    action = YAML(typ="safe").load(path.read_text())
    given = {name: str(inputs.get(name, asked.get("default", ""))) for name, asked in action["inputs"].items()}
    temp = workspace.parent / "runner-temp"
    temp.mkdir(exist_ok=True)
    run, summary = ActionRun(), temp / "summary.md"
    for step in action["runs"]["steps"]:
        look = _Names(given, github, run)
        condition = str(step.get("if", "true"))
        if (run.failed and "always()" not in condition) or not look.holds(condition):
            continue
        run.ran.append(step["name"])
        if "run" not in step:
            continue
        output = temp / f"output-{step['name']}"
        output.write_text("")
        env = {
            **os.environ,
            "PATH": f"{first_on_path}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(temp),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_REPOSITORY": str(github.get("repository", "o/r")),
            **{name: look.filled(str(value)) for name, value in step.get("env", {}).items()},
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=workspace,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        run.log += done.stdout + done.stderr
        run.failed = run.failed or done.returncode != 0
        lines = [line.partition("=") for line in output.read_text().splitlines()]
        run.outputs[step.get("id", step["name"])] = {name: value for name, _, value in lines}
    run.summary = summary.read_text() if summary.exists() else ""
    return run


class _Names:
    def __init__(self, inputs: dict[str, str], github: dict[str, Any], run: ActionRun) -> None:
        self.inputs, self.github, self.run = inputs, github, run

    def value(self, name: str) -> str:
        context, *rest = name.split(".")
        if context == "inputs":
            return self.inputs[rest[0]]
        if context == "steps":
            return self.run.outputs.get(rest[0], {}).get(rest[2], "")
        return str(self.github.get(".".join(rest), ""))

    def filled(self, text: str) -> str:
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self._evaluated(found[1])), text)

    def holds(self, expression: str) -> bool:
        return bool(self._evaluated(expression)) if expression != "true" else True

    def _evaluated(self, expression: str) -> Any:
        words = {"&&": " and ", "||": " or ", "always()": "True", "!": " not "}

        def translated(found: re.Match[str]) -> str:
            word = found[0]
            return word if word[0] == "'" or word in ("==", "!=") else words.get(word) or repr(self.value(word))

        return eval(NAME.sub(translated, " ".join(expression.split())))
