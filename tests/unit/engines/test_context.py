"""What a pack reads, and how many of its tokens a prompt has."""

from suture.core.measure.attempt import EngineIdentity, Request, Sampling
from suture.wiring.gguf_packs import GgufPacks


def test_a_pack_and_its_directory_say_the_same(pack, base_of):
    packs = GgufPacks()
    assert packs.context(pack) == packs.context(base_of())
    prompts = ["add 1 and 22", "a" * 300, ""]
    assert packs.count_tokens(pack, prompts) == packs.count_tokens(base_of(), prompts)


def test_tokens_are_those_that_the_engine_counts(pack):
    from suture.engines.llamacpp import LlamaCppEngine

    engine = LlamaCppEngine(pack, EngineIdentity(name="llamacpp", version="1", threads=1, batch=1))
    ((_, said),) = engine.generate([Request(prompt="add 1 and 22", max_tokens=2)], Sampling())
    engine.close()
    assert GgufPacks().count_tokens(pack, ["add 1 and 22"]) == [said.prompt_tokens]


def test_without_llama_cpp_nothing_is_counted(pack, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    assert GgufPacks().count_tokens(pack, ["a"]) is None
