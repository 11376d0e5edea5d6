"""An engine that another package brings: a distribution with an entry point, as `pip install` would leave it."""

import json
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from suture.cli.main import run
from suture.core.errors import MissingTool
from suture.core.measure.attempt import Request, Sampling
from suture.core.measure.engine_choice import EngineChoice
from suture.store.home import Home
from suture.wiring.engine_table import OWN, engine_table
from suture.wiring.engines import TableEngines

DOCS = Path(__file__).parents[3] / "docs" / "engines.md"
MODULE = DOCS.read_text().partition('```python\n"""An engine that answers')[2].partition("```")[0].partition('"""')[2]
"""The example in the docs."""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a module and its metadata where Python finds packages; engines of the machine's own are not seen."""
    monkeypatch.syspath_prepend(tmp_path)

    def of_this_test(group: str) -> list[EntryPoint]:
        points = entry_points(group=group)
        return [point for point in points if Path(str(point.dist.locate_file(""))).samefile(tmp_path)]

    monkeypatch.setattr("suture.engines.others.entry_points", of_this_test)

    def install(package: str, module: str, source: str, points: str) -> None:
        sys.modules.pop(module, None)
        (tmp_path / f"{module}.py").write_text(source)
        (info := tmp_path / f"{package.replace('-', '_')}-1.2.dist-info").mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[suture.engines]\n{points}\n")

    return install


@pytest.fixture
def shout(install):
    install("shout-engine", "shout_engine", MODULE, "shout = shout_engine:SHOUT")


def test_it_is_a_row_after_suture_s_own(shout):
    assert list(engine_table()) == [*(spec.name for spec in OWN), "shout"]


def test_it_is_opened_and_asked_as_any_other(shout, tmp_path):
    engines, choice = TableEngines(Home(tmp_path)), EngineChoice(name="shout", threads=1, batch=2)
    assert "shout" in engines.installed()
    engine = engines.open(choice, tmp_path / "any.gguf")
    assert engine.identity == engines.identify(choice)
    assert (engine.identity.name, engine.identity.version) == ("shout", "1.2")
    assert [answer.text for _, answer in engine.generate([Request(prompt="a")], Sampling())] == ["A"]


def test_doctor_names_it(shout, capsys, tmp_path):
    run(["doctor", "--json", "--home", str(tmp_path / "home")])
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert (checks["engine shout"]["ok"], checks["engine shout"]["found"]) == (True, "1.2")
    assert {f"engine {spec.name}" for spec in OWN} < set(checks)


def test_help_names_it(shout, monkeypatch, capsys):
    for module in ("suture.cli.engine_help", "suture.cli.verbs.bench"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    assert run(["bench", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Engines: openvino, llamacpp, transformers, openai, openai-chat, vllm, shout; auto." in shown


def test_what_it_does_not_compute_is_refused_before_any_work(shout, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = {"name": "r", "model": "m", "base": "none.gguf", "suites": ["none"], "splits": {"repair": 1.0}}
    written = tmp_path / "r.yaml"
    written.write_text(json.dumps({**recipe, "engine": {"name": "shout"}, "quantisation": "q4_k_m"}))
    assert run(["heal", str(written), "--unsafe-local"]) == 2
    said = capsys.readouterr().err
    assert "quantisation: q4_k_m: shout does not compute Q4_K tensors as they are written" in said
    assert "engine: {name: llamacpp}" in said


@pytest.mark.parametrize(
    ("source", "points", "name", "reason"),
    [
        ("raise OSError('no such\\nlibrary')", "shout = shout_engine:SHOUT", "shout", "OSError: no such library"),
        ("import not_there_at_all", "shout = shout_engine:SHOUT", "shout", "No module named 'not_there_at_all'"),
        ("", "shout = shout_engine:SHOUT", "shout", "has no attribute 'SHOUT'"),
        ("SHOUT = 1", "shout = shout_engine:SHOUT", "shout", "shout_engine:SHOUT is no suture.engines.spec.EngineSpec"),
        (MODULE, "shuot = shout_engine:SHOUT", "shuot", "shout_engine:SHOUT calls itself 'shout'"),
        (MODULE, "llamacpp = shout_engine:SHOUT", "llamacpp of shout-engine", "there is another engine 'llamacpp'"),
    ],
)
def test_one_that_cannot_be_used_says_so_when_it_is_asked_for_and_stands_in_nobody_s_way(
    install, tmp_path, source, points, name, reason
):
    install("shout-engine", "shout_engine", source, points)
    engines = TableEngines(Home(tmp_path))
    assert engines.names == (*(spec.name for spec in OWN), name)
    assert name not in engines.installed()
    for ask in (engines.identify, lambda choice: engines.open(choice, tmp_path / "any.gguf")):
        with pytest.raises(MissingTool) as refused:
            ask(EngineChoice(name=name))
        assert str(refused.value).startswith(f"engine {name!r} cannot be used: ")
        assert reason in str(refused.value)
        assert refused.value.mend == "pip uninstall shout-engine, or mend it"


def test_of_two_packages_with_one_name_for_their_engines_the_first_has_it(install):
    install("a-shout", "shout_engine", MODULE, "shout = shout_engine:SHOUT")
    install("b-shout", "shout_engine", MODULE, "shout = shout_engine:SHOUT")
    assert list(engine_table())[len(OWN) :] == ["shout", "shout of b-shout"]
