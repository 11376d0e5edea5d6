"""``suture export --push``, against a stand-in of the hub: what arrives is what was exported."""

import json
import os
import subprocess
import sys

import pytest
from fake_hub import TOKEN, FakeHub
from fakes import FakeFoundry
from scripted_cli import prepare, said, scripts


@pytest.fixture
def hub():
    hub = FakeHub()
    yield hub
    hub.close()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A store with a champion, in ``home``."""
    monkeypatch.chdir(tmp_path)
    prepare(tmp_path, "first")
    with scripts(FakeFoundry(knows={1, 2}, learns={5})):
        assert said(["heal", "first.yaml"])[0] == 0
    return tmp_path


def export(place, hub, *options, token=TOKEN, offline="0"):
    """In a process of its own: the hub's client reads its settings when it is loaded."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.url,
        "HF_TOKEN": token,
        "HF_HUB_OFFLINE": offline,
        "TRANSFORMERS_OFFLINE": "0",
        "HF_HOME": str(place / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "SUTURE_HOME": str(place / "home"),
    }
    command = [sys.executable, "-m", "suture", "export", *options, "--json"]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.slow
def test_what_is_uploaded_is_what_was_exported(place, hub):
    pytest.importorskip("huggingface_hub")
    code, told, err = export(place, hub, "out", "--push", "ann/m", "--private")
    assert code == 0, err
    assert told["commit"] == f"{hub.url}/ann/m/commit/{'1' * 40}"
    assert hub.made["ann/m"]["visibility"] == "private"
    written = {
        path.relative_to(place / "out").as_posix(): path.read_bytes()
        for path in (place / "out").rglob("*")
        if path.is_file()
    }
    assert hub.files["ann/m"] == written
    assert any(name.endswith(".gguf") for name in written)
    code, _, err = export(place, hub, "again", "--push", "ann/m")
    assert code == 0, err


@pytest.mark.slow
def test_a_refused_upload_is_one_line_and_leaves_the_directory(place, hub):
    pytest.importorskip("huggingface_hub")
    code, told, err = export(place, hub, "out", "--push", "ann/m", token="wrong")
    assert code == 2 and "Traceback" not in err
    assert told["error"]["message"].startswith("out was not uploaded to ann/m: ")
    assert "hf upload ann/m out" in told["error"]["mend"]
    assert (place / "out" / "README.md").exists() and hub.files == {}
    hub.close()
    code, told, _ = export(place, hub, "later", "--push", "ann/m")
    assert code == 2 and "was not uploaded" in told["error"]["message"]


@pytest.mark.slow
def test_a_hub_that_is_switched_off_is_said_before_anything_is_written(place, hub):
    pytest.importorskip("huggingface_hub")
    code, _, err = export(place, hub, "out", "--push", "ann/m", offline="1")
    assert code == 2
    assert "mend: unset HF_HUB_OFFLINE TRANSFORMERS_OFFLINE" in err
    assert not (place / "out").exists()


@pytest.mark.parametrize("repository", ["m", "ann/m/x", "ann/", "../m", "ann/m m"])
def test_what_is_no_repository_is_refused_before_anything_is_written(place, repository, monkeypatch):
    monkeypatch.setenv("SUTURE_HOME", str(place / "home"))
    code, _, err = said(["export", "out", "--push", repository])
    assert code == 2 and "--push OWNER/NAME" in err
    assert not (place / "out").exists()


def test_private_is_about_an_upload(place):
    code, _, err = said(["export", "out", "--private"])
    assert code == 2 and "--push OWNER/NAME" in err
