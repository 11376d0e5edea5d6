"""The table of engines: what is not known or not installed is said before anything is loaded."""

import importlib.metadata
import os
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from suture.core.errors import MissingTool, UnknownName, UsageError
from suture.core.measure.engine_choice import EngineChoice
from suture.core.model.pack_manifest import Quantisation
from suture.engines import spec as spec_module
from suture.engines.pack_reader import PackReader
from suture.engines.spec import EngineSpec, Reads
from suture.files.gguf_header import read_header
from suture.machine.installing import install_extra
from suture.machine.processor import processor_class
from suture.packs.gguf.write_gguf import write_pack
from suture.store.home import Home
from suture.wiring.engine_table import OWN, engine_table, row_of, usual_engine
from suture.wiring.engines import TableEngines

MODULES = {"openvino": "openvino_genai", "llamacpp": "xllamacpp"}
IN_PROCESS = [spec for spec in OWN if spec.reads not in (Reads.NOTHING, Reads.MESSAGES)]


@pytest.fixture
def engines(tmp_path):
    return TableEngines(Home(tmp_path))


def by_name(spec: EngineSpec) -> str:
    return spec.name


@pytest.mark.parametrize(
    ("wrong", "right"), [("open-vino", "openvino"), ("llama.cpp", "llamacpp"), ("opnai", "openai")]
)
def test_an_unknown_engine_offers_the_nearest(engines, wrong, right):
    for ask in (engines.identify, engines.hot_adapters, lambda choice: engines.open(choice, Path("missing.gguf"))):
        with pytest.raises(UnknownName, match=f"did you mean '{right}'"):
            ask(EngineChoice(name=wrong))
    with pytest.raises(UnknownName):
        engines.why_not(wrong, {"Q8_0"})


def test_all_engines_are_rows_of_one_table(engines):
    assert engines.names[:4] == ("openvino", "llamacpp", "transformers", "openai")
    assert all(row_of(engine_table(), spec.name) is spec for spec in OWN)


@pytest.mark.parametrize("spec", OWN, ids=by_name)
def test_an_engine_that_is_not_installed_names_its_extra(monkeypatch, spec):
    def missing(package):
        raise PackageNotFoundError(package)

    monkeypatch.setattr(spec_module, "version", missing)
    monkeypatch.setattr("suture.training.extra.find_spec", lambda name: None)
    with pytest.raises(MissingTool) as caught:
        spec.identify(EngineChoice(name=spec.name, url="http://127.0.0.1:9/v1"))
    assert caught.value.mend == spec.install
    assert spec.install.startswith(install_extra(spec.extra))


@pytest.mark.parametrize("name", MODULES)
def test_an_engine_that_cannot_be_imported_names_its_extra(monkeypatch, engines, tmp_path, name):
    choice = EngineChoice(name=name)
    pytest.importorskip(MODULES[name])
    identity = engines.identify(choice)
    monkeypatch.setitem(sys.modules, MODULES[name], None)
    with pytest.raises(MissingTool) as caught:
        row_of(engine_table(), name).open(tmp_path / "missing.gguf", choice, identity, {})
    assert caught.value.mend == install_extra(name)


def test_a_proof_without_llama_cpp_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingTool, match="is not installed"):
        PackReader(Path("missing.gguf"))


@pytest.mark.parametrize(
    "spec",
    [pytest.param(one, marks=[pytest.mark.longer] if one.name == "transformers" else []) for one in IN_PROCESS],
    ids=by_name,
)
def test_an_identity_is_name_version_threads_batch_and_processor(spec):
    try:
        installed = importlib.metadata.version(spec.package)
        identity = spec.identify(EngineChoice(name=spec.name, threads=3, batch=5))
    except (PackageNotFoundError, MissingTool):
        pytest.skip(f"{spec.package} is not installed")
    assert (identity.name, identity.version, identity.threads, identity.batch) == (spec.name, installed, 3, 5)
    on_gpu = (identity.device or "").startswith("cuda")
    assert identity.processor == (None if on_gpu else processor_class())


def test_threads_default_to_the_cores_this_process_may_use():
    pytest.importorskip("xllamacpp")
    assert row_of(engine_table(), "llamacpp").identify(EngineChoice()).threads == len(os.sched_getaffinity(0))


def test_an_identity_is_found_out_once(tmp_path):
    names = iter(["first", "second"])

    def identity(spec, choice):
        return OWN[0].identity(spec, choice).model_copy(update={"model": next(names)})

    row = EngineSpec(name="changing", package="pytest", open=OWN[0].open, identity=identity)
    engines = TableEngines(Home(tmp_path), {"changing": row})
    assert [engines.identify(EngineChoice(name="changing")).model for _ in range(2)] == ["first", "first"]
    assert engines.identify(EngineChoice(name="changing", batch=1)).model == "second"


def test_adapters_for_an_engine_that_takes_none_are_refused_before_anything_is_loaded(engines):
    pytest.importorskip("openvino_genai")
    with pytest.raises(UsageError, match="engine 'openvino' cannot load an adapter"):
        engines.open(EngineChoice(name="openvino"), Path("missing.gguf"), adapters={"0" * 64: Path("adapter")})


def test_only_an_engine_that_reads_directories_is_given_one(tmp_path):
    engines = TableEngines(Home(tmp_path))
    reading = [spec.name for spec in OWN if engines.reads_directories(EngineChoice(name=spec.name))]
    assert reading == ["transformers", "vllm"]
    assert not engines.reads_directories(EngineChoice(name="auto"))


def test_what_an_engine_computes_is_known_of_a_format_and_of_a_file(base_of, tmp_path):
    base = base_of("llama")
    for quantisation in Quantisation:
        write_pack(base, base, quantisation, pack := tmp_path / f"{quantisation}.gguf", lineage={})
        found = read_header(pack).matrix_types
        if quantisation is not Quantisation.Q4_K_M:  # rows of so small a model are odd: types it falls back to
            assert found == quantisation.matrix_types
        for spec in OWN:
            assert bool(spec.why_not(found)) == bool(spec.why_not(quantisation.matrix_types)), (spec.name, quantisation)
    openvino = row_of(engine_table(), "openvino")
    able = {quantisation for quantisation in Quantisation if not openvino.why_not(quantisation.matrix_types)}
    assert able == {Quantisation.F16, Quantisation.Q8_0}
    assert openvino.why_not({"BF16", "Q8_0"}) == "openvino does not compute BF16 tensors as they are written"
    assert usual_engine(tmp_path / "q8_0.gguf") == ("openvino", "")
    assert usual_engine(tmp_path / "bf16.gguf") == ("llamacpp", openvino.why_not({"BF16"}))
