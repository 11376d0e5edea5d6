"""``suture ask``, ``suture chat`` and ``suture keys``: what a person types and sees."""

import io
import stat

import pytest
from doors import CHATML, responder
from fake_speaker import FakeSpeaker
from policies import HereJudge

from suture.cli.verbs import chat as chat_verb
from suture.core.measure.policy import Policy, Tier
from suture.files.small_files import sha256_of
from suture.serve.responder import ServedModel
from suture.store.registry import Registry
from suture.store.store import open_store
from suture.wiring import asked_here, live_serving
from suture.wiring.serve import NamedPack, find_base, find_pack
from suture.wiring.serve_models import ModelLoader


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """Every pack is answered for by a speaker that says what it was asked last, and by whom."""
    from contextlib import contextmanager

    @contextmanager
    def open_pack(pack, serving):
        def say(speech):
            asked = speech.prompt.split("user\n")[-1].partition("<|im_end|>")[0]
            return f"{pack.served.name} heard {asked} after {speech.prompt.count('assistant') - 1}"

        yield responder(FakeSpeaker(say), name=pack.served.name, form=serving.form)

    monkeypatch.setattr(asked_here, "open_pack", open_pack)
    monkeypatch.setattr(
        asked_here, "find_pack", lambda home, name: NamedPack(tmp_path, ServedModel(name, "ab" * 32, 0, {}))
    )


def test_a_question_is_answered_once(suture, fake):
    assert suture("ask", "code", "Hello?").out == "code heard Hello? after 0\n"
    said = suture("ask", "code", "Hello?", "--json").json
    assert (said["answer"], said["finish"], said["model"]) == ("code heard Hello? after 0", "stop", "code")
    assert suture("ask", "code", "Hello?", "--fence", "python").out.startswith("```python\ncode heard")


def test_a_question_to_a_model_that_is_not_there(suture):
    said = suture("ask", "nothing.gguf", "Hello?")
    assert (said.code, said.out) == (2, "") and "no such file" in said.err


def test_a_chat_goes_on_from_its_answers(suture, fake, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("One\n\nTwo\n"))
    assert suture("chat", "code").out == "code heard One after 0\ncode heard Two after 1\n"


def test_a_chat_with_both_shows_each_by_its_name(suture, fake, monkeypatch, tmp_path):
    base = NamedPack(tmp_path, ServedModel("base", "ab" * 32, 0, {}))
    monkeypatch.setattr(chat_verb, "find_base", lambda home, name: base)
    monkeypatch.setattr("sys.stdin", io.StringIO("One\n"))
    assert suture("chat", "code", "--both").out == "[code]\ncode heard One after 0\n[base]\nbase heard One after 0\n"


def test_both_are_the_champion_and_what_it_began_with(suture, tmp_path):
    (tmp_path / "one.gguf").write_text("one")
    (tmp_path / "two.gguf").write_text("two")
    with open_store() as store:
        registry = Registry(store, who="me")
        registry.register("code", tmp_path / "one.gguf", sha256_of(tmp_path / "one.gguf"), why="a test")
        registry.point("code", "canary", tmp_path / "two.gguf", why="a test")
    now, began = find_pack(None, "code@canary"), find_base(None, "code@canary")
    assert (now.path.read_text(), began.path.read_text()) == ("two", "one")
    assert (now.served.name, began.served.name) == ("code@canary", "code, as it began")
    assert now.served.about == {"alias": "canary", "event": 2} and now.served.since > 1_700_000_000
    for name, says in (("code", "still the pack it began with"), ("one.gguf", "no model of the registry")):
        refused = suture("chat", name, "--both")
        assert refused.code == 2 and says in refused.err


@pytest.fixture
def policy(tmp_path):
    """A policy of two tiers, ``code``, over the models ``one`` and ``two``; nobody says what sort of job it does."""
    files = {name: tmp_path / f"{name}.gguf" for name in ("one", "two")}
    for name, file in files.items():
        file.write_text(name)
    digests = {name: sha256_of(file) for name, file in files.items()}
    policy = Policy(tiers=tuple(Tier(name=name, pack=digest) for name, digest in digests.items()))
    (tmp_path / "policy.json").write_text(policy.text)
    with open_store() as store:
        registry = Registry(store, who="me")
        for name, file in files.items():
            registry.register(name, file, digests[name], why="a test")
        registry.register("code", tmp_path / "policy.json", policy.sha256, why="a test")
    return policy


@pytest.fixture
def texts(monkeypatch):
    """A pack says what its file holds, unless it is told here what it says."""
    said = {}

    def open_real(self, wanted):
        text = wanted.pack.read_text()
        return FakeSpeaker(lambda _: said.get(text, text)), CHATML

    monkeypatch.setattr(ModelLoader, "_open_real", open_real)
    monkeypatch.setattr(live_serving, "open_judge", lambda workers: HereJudge())
    return said


def test_a_policy_of_several_tiers_is_asked_as_it_was_measured(suture, policy, texts, monkeypatch):
    texts["two"] = "def add(a, b):\n    return a + b"
    question = "```python\nassert add(1, 2) == 3\n```"
    asked = ("ask", "code", question, "--kind", "python")
    assert suture(*asked).out == texts["two"] + "\n"
    said = suture(*asked, "--json").json
    assert (said["answer"], said["tier"], said["pack"]) == (texts["two"], "two", policy.sha256)
    monkeypatch.setattr("sys.stdin", io.StringIO("assert add(1, 2) == 3\n"))
    assert suture("chat", "code", "--kind", "python").out == texts["two"] + "\n"


def test_a_policy_of_several_tiers_is_not_asked_by_halves(suture, policy, texts):
    for verb in (("path", "code"), ("ask", "code", "Hello?"), ("chat", "code"), ("serve", "code", "--port", "0")):
        refused = suture(*verb)
        assert refused.code == 2 and "'code' is a policy" in refused.err


def test_a_path_is_never_a_name_that_clients_see(suture, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "mine.gguf").write_text("a model")
    assert find_pack(None, "deep/mine.gguf").served.name == "mine"
    assert find_pack(None, "deep/mine.gguf").called("other").served.name == "other"


def test_keys_are_made_listed_and_removed(suture, tmp_path):
    assert "everybody" in suture("keys", "list").out
    made = suture("keys", "add", "laptop")
    key = made.out.strip()
    kept = tmp_path / "home" / "keys.json"
    assert key.startswith("sk-suture-") and key not in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert suture("keys", "add", "laptop").code == 2
    assert suture("keys", "list").out.startswith("laptop  ")
    assert "did you mean 'laptop'?" in suture("keys", "remove", "laptp").err
    assert suture("keys", "remove", "laptop").code == 0 and suture("keys", "list", "--json").json["keys"] == {}


def test_another_address_needs_a_key_before_anything_is_loaded(suture):
    said = suture("serve", "nothing.gguf", "--host", "0.0.0.0", "--port", "0")
    assert said.code == 2 and "mend: suture keys add NAME" in said.err
