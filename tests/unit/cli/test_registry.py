"""The registry's verbs on a store that a scripted repair left: numbers to go back to, reasons, red lines."""

import json

import pytest
from fakes import FakeFoundry, recipe, scripted_workshop, write_suite

from suture.cli.output import emit
from suture.loop.plan import resolve
from suture.loop.repair import RepairRun


@pytest.fixture
def heal(tmp_path, suture):
    """Repairs of model ``m`` in the store that ``suture`` uses."""

    def heal(foundry, **changes):
        workshop = scripted_workshop(tmp_path)
        base = tmp_path / "base.gguf"
        base.write_bytes(b"a model")
        written = recipe(write_suite(tmp_path / "ten.jsonl", 10), base, **changes)
        healed = RepairRun(workshop, foundry, resolve(workshop, foundry, written, relative_to=tmp_path)).heal()
        workshop.store.ledger.close()
        return healed

    return heal


@pytest.fixture
def rejected(heal):
    return heal(FakeFoundry(knows={1, 2}, learns={5}, forgets={2}))


@pytest.fixture
def overridden(suture, rejected):
    reason = ("--override", "we need task 5", "--who", "ann")
    return suture("promote", "m", rejected.paths.pack, "--report", rejected.paths.gate, *reason, "--json")


def test_refused_without_a_reason(suture, rejected):
    said = suture("promote", "m", rejected.paths.pack, "--report", rejected.paths.gate)
    assert said.code == 2
    assert "the gate said reject" in said.err and '--override "reason"' in said.err


def test_an_override_is_told_by_every_verb_that_tells_of_the_model(suture, overridden):
    assert (overridden.code, overridden.json["override"], overridden.json["who"]) == (0, "we need task 5", "ann")
    line = "was promoted against the gate by ann on"
    for verb in (("registry", "show", "m"), ("registry", "history"), ("report",)):
        assert line in suture(*verb).out, verb
    assert suture("registry", "show", "m", "--json").json["overrides"][0]["number"] == 2


def test_history_has_the_numbers_that_rollback_takes(suture, overridden, heal):
    heal(FakeFoundry(knows={1, 5}, learns={6}), name="second", base="champion")
    events = suture("registry", "history", "m", "--json").json["events"]
    assert [(e["number"], e["action"], e["alias"]) for e in events] == [
        (1, "register", "champion"),
        (2, "promote", "champion"),
        (3, "promote", "champion"),
    ]
    assert suture("registry", "history", "m", "--alias", "canary", "--json").json["events"] == []
    assert "register" in suture("registry", "history").out


def test_a_held_pack_is_promoted_by_its_alias(suture, heal):
    held = heal(FakeFoundry(knows={1}, learns={2}), gate={"min_repaired": 2})
    said = suture("promote", "m", "candidate", "--override", "a test", "--json")
    assert (said.code, said.json["pack"]) == (0, held.report.candidate_pack)
    assert said.json["gate_report"] == held.report.digest
    aliases = {entry["alias"]: entry for entry in suture("registry", "list", "--json").json["models"]}
    assert aliases["champion"]["pack"] == aliases["candidate"]["pack"] == held.report.candidate_pack
    assert aliases["champion"]["since"] == 3


def test_no_such_pack_or_model(suture, rejected):
    assert (
        "no such file, and no alias of 'm'"
        in suture("promote", "m", "nothing.gguf", "--report", rejected.paths.gate).err
    )
    assert suture("registry", "history", "n").code == suture("registry", "show", "n").code == 2
    assert suture("rollback", "m", "--to", 7).code == 2


def test_setting_an_alias_of_ones_own(suture, rejected):
    said = suture("registry", "set", "m", "canary", rejected.paths.pack, "--why", "to try it", "--json")
    assert (said.code, said.json["why"]) == (0, "to try it")
    assert suture("registry", "set", "m", "champion", rejected.paths.pack).code == 2


def test_exporting_the_only_model(suture, overridden, tmp_path):
    said = suture("export", "out")
    assert (said.code, said.out.startswith("OVERRIDE: ")) == (0, True)
    assert "upload it with: hf upload OWNER/m out" in said.out
    assert (tmp_path / "out" / "README.md").exists()
    assert suture("export", "out").code == 2
    assert suture("export", "again", "--model", "m", "--json").json["pack"] == overridden.json["pack"]


def test_exporting_from_an_empty_store(suture):
    said = suture("export", "out")
    assert (said.code, "no models yet" in said.err) == (2, True)


class Terminal(list):
    encoding = "utf-8"

    def isatty(self):
        return True

    def write(self, text):
        self.append(text)

    def flush(self):
        pass


@pytest.mark.parametrize("no_color", ["", "1"])
def test_red_on_a_terminal_and_nowhere_else(monkeypatch, no_color):
    monkeypatch.setattr("sys.stdout", terminal := Terminal())
    monkeypatch.setenv("NO_COLOR", no_color)
    emit({"line": "OVERRIDE"}, "fine\nOVERRIDE: x", as_json=False)
    emit({"line": "OVERRIDE"}, "OVERRIDE: x", as_json=True)
    assert terminal[0] == ("fine\nOVERRIDE: x\n" if no_color else "fine\n\x1b[31mOVERRIDE: x\x1b[0m\n")
    assert json.loads(terminal[1]) == {"line": "OVERRIDE"}
