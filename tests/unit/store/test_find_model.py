"""One name, one model: whatever way it is named, and never one of two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import BadFile, MissingTool, UnknownName, UsageError
from suture.core.model.model_names import registered_name
from suture.files.small_files import sha256_of
from suture.store.find_model import find_model
from suture.store.registry import Registry
from suture.store.store import open_store


@pytest.fixture
def store(tmp_path, monkeypatch):
    """With a model ``code``, whose champion and alias ``canary`` are two packs; the working directory is empty."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with open_store(tmp_path / "home") as store:
        registry = Registry(store, who="me")
        for text in ("one", "two"):
            (tmp_path / f"{text}.gguf").write_text(text)
        registry.register("code", tmp_path / "one.gguf", sha256_of(tmp_path / "one.gguf"), why="a test")
        registry.point("code", "canary", tmp_path / "two.gguf", why="a test")
        yield store


def text_of(found):
    return found.source.read_text()


def test_a_name_of_the_registry_is_its_champion(store):
    found = find_model(store, "code")
    assert text_of(found) == text_of(find_model(store, "code@champion")) == "one"
    assert (found.digest, found.alias.model, found.alias.alias) == (sha256_of(found.source), "code", "champion")
    assert found.alias.since == 1


def test_an_alias_is_named_after_an_at_sign(store):
    assert text_of(find_model(store, "code@canary")) == "two"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("code@canari", "did you mean 'canary'?"),
        ("cod", "did you mean 'code'?"),
        ("cod@champion", "did you mean 'code'?"),
        ("elsewhere@champion", "unknown model 'elsewhere'; known: code"),
    ],
)
def test_a_name_that_can_only_be_meant_for_the_registry_is_never_taken_for_a_hub_id(store, name, says):
    with pytest.raises(UnknownName) as refused:
        find_model(store, name)
    assert says in str(refused.value) and refused.value.mend == "suture registry list"


@pytest.mark.parametrize("name", ["owner/code", "Qwen/Qwen2.5-0.5B-Instruct"])
def test_what_is_nothing_here_is_a_hub_id(store, name):
    found = find_model(store, name)
    assert (found.source, found.alias) == (name, None)


@pytest.mark.parametrize(
    ("name", "says", "mend"),
    [
        ("https://huggingface.co/Qwen/Qwen3-0.6B/tree/main", "an address on the hub", "Qwen/Qwen3-0.6B"),
        ("hf.co/bartowski/SmolLM2-GGUF:Q8_0", "an address on the hub", "bartowski/SmolLM2-GGUF"),
        ("https://example.org/model.bin", "an address", "curl -L -o model.gguf"),
        (
            "qwen2.5:0.5b",
            "a name of Ollama's",
            "Qwen/Qwen2.5-0.5B-Instruct, or the file that `ollama",
        ),
        ("smollm2:135m-instruct-q8_0", "a name of Ollama's", "HuggingFaceTB/SmolLM2-135M-Instruct"),
        ("ollama/my-own:latest", "a name of Ollama's", "the file that `ollama show my-own:latest --modelfile`"),
        ("SmolLM2-135M", "no hub id (owner/name)", "HuggingFaceTB/SmolLM2-135M-Instruct"),
        ("qwen3-0.6", "no hub id (owner/name)", "Qwen/Qwen3-0.6B"),
        ("Llama-3.2-1B-Instruct", "no hub id (owner/name)", "meta-llama/Llama-3.2-1B-Instruct"),
        ("zzz", "no hub id (owner/name)", "a path, OWNER/NAME, or a model"),
        ("a b c", "no name of a model", "a GGUF file"),
    ],
)
def test_names_of_other_tools_and_wrong_guesses_get_a_suggestion(store, name, says, mend):
    with pytest.raises(BadFile) as refused:
        find_model(store, name)
    assert says in str(refused.value)
    assert (refused.value.mend or "").startswith(mend)


def test_a_changed_champion_is_refused(store):
    find_model(store, "code").source.write_text("changed")
    with pytest.raises(BadFile, match="was changed"):
        find_model(store, "code")


def test_a_file_beside_a_registered_name_is_refused_until_one_is_meant(store, tmp_path):
    (tmp_path / "here" / "code").write_text("a file")
    with pytest.raises(UsageError, match="is a model of the registry, and code is one too") as refused:
        find_model(store, "code")
    assert refused.value.mend == "write code@champion, or ./code"
    assert (text_of(find_model(store, "code@champion")), text_of(find_model(store, "./code"))) == ("one", "a file")


def test_a_directory_that_holds_no_model_is_in_nobodys_way(store, tmp_path):
    (tmp_path / "here" / "code").mkdir()
    assert text_of(find_model(store, "code")) == "one"
    with pytest.raises(BadFile, match="holds no model"):
        find_model(store, "./code")


def test_a_directory_is_named_by_what_it_holds(store, tmp_path):
    (tmp_path / "here" / "mine").mkdir()
    (tmp_path / "here" / "mine" / "config.json").write_text("{}")
    first = find_model(store, "mine").digest
    (tmp_path / "here" / "mine" / "config.json").write_text('{"a": 1}')
    assert find_model(store, "mine").digest != first


@pytest.mark.parametrize("name", ["nothing.gguf", "./nothing", "/nothing"])
def test_a_file_that_is_not_there(store, name):
    with pytest.raises(BadFile, match="no such file"):
        find_model(store, name)


def test_a_package_that_is_not_there(store):
    with pytest.raises(MissingTool, match="package 'no-such-model'"):
        find_model(store, "package:no-such-model")


@given(st.text(max_size=12), st.text(max_size=6))
def test_a_written_name_reads_back(model, alias):
    named = registered_name(f"{model}@{alias}")
    if named is not None and named.stated:
        assert registered_name(named.written) == named
