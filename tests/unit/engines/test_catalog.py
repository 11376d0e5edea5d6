"""Engines by name: what is not known or not installed is said before anything is loaded."""

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from suture.core.errors import MissingTool, UnknownName
from suture.core.measure.attempt import EngineIdentity
from suture.engines import catalog
from suture.engines.catalog import ENGINES, identify_engine, open_engine
from suture.engines.probe import Probe

IDENTITY = EngineIdentity(name="any", version="1", threads=1, batch=1)
MODULES = {"openvino": "openvino_genai", "llamacpp": "xllamacpp"}


@pytest.mark.parametrize(("wrong", "right"), [("open-vino", "openvino"), ("llama.cpp", "llamacpp")])
def test_an_unknown_engine_offers_the_nearest(wrong, right):
    with pytest.raises(UnknownName, match=f"did you mean '{right}'"):
        identify_engine(wrong, threads=1, batch=1)


def test_an_unknown_engine_opens_nothing(tmp_path):
    with pytest.raises(UnknownName, match="known: llamacpp, openvino"):
        open_engine("zzz", tmp_path / "missing.gguf")


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_that_is_not_installed_names_its_extra(monkeypatch, tmp_path, name):
    def missing(package):
        raise PackageNotFoundError(package)

    monkeypatch.setattr(catalog, "version", missing)
    with pytest.raises(MissingTool) as caught:
        open_engine(name, tmp_path / "missing.gguf")
    assert caught.value.mend == f"pip install 'suture[{name}]'"


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_that_cannot_be_imported_names_its_extra(monkeypatch, tmp_path, name):
    monkeypatch.setitem(sys.modules, MODULES[name], None)
    with pytest.raises(MissingTool) as caught:
        ENGINES[name][0](tmp_path / "missing.gguf", IDENTITY)
    assert caught.value.mend == f"pip install 'suture[{name}]'"


def test_a_proof_without_llama_cpp_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingTool, match="is not installed"):
        Probe(Path("missing.gguf"))


@pytest.mark.parametrize("name", ENGINES)
def test_an_identity_is_name_version_threads_and_batch(name):
    package = ENGINES[name][1]
    identity = identify_engine(name, threads=3, batch=5)
    assert identity == EngineIdentity(name=name, version=version(package), threads=3, batch=5)


def test_threads_default_to_the_cores_this_process_may_use():
    assert identify_engine("llamacpp", threads=None, batch=1).threads == len(os.sched_getaffinity(0))
