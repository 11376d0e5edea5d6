"""The table's rows for the engines that need no torch."""

from collections.abc import Mapping
from pathlib import Path

from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.engine_choice import EngineChoice
from suture.core.plan.ports import Generator
from suture.engines.openvino import OpenVinoEngine, cannot_compute
from suture.engines.openvino_numbers import said_by_openvino
from suture.engines.spec import EngineSpec, Reads, never, on_this_processor
from suture.machine.cores import usable_cores


def _open_openvino(
    pack: Path, choice: EngineChoice, identity: EngineIdentity, adapters: Mapping[str, Path]
) -> Generator:
    return OpenVinoEngine(pack, identity, choice.numbers)


def _identify_openvino(spec: EngineSpec, choice: EngineChoice) -> EngineIdentity:
    """Raises MissingTool."""
    return on_this_processor(spec, choice).model_copy(update={"numbers": said_by_openvino(choice.numbers)})


def _open_llamacpp(
    pack: Path, choice: EngineChoice, identity: EngineIdentity, adapters: Mapping[str, Path]
) -> Generator:
    from suture.engines.llamacpp import LlamaCppEngine

    return LlamaCppEngine(pack, identity, adapters)


def _open_openai(pack: Path, choice: EngineChoice, identity: EngineIdentity, adapters: Mapping[str, Path]) -> Generator:
    from suture.engines.openai import OpenAIEngine, server_url

    return OpenAIEngine(server_url(choice.url), identity)


def _open_openai_chat(
    pack: Path, choice: EngineChoice, identity: EngineIdentity, adapters: Mapping[str, Path]
) -> Generator:
    from suture.engines.openai import server_url
    from suture.engines.openai_chat import OpenAIChatEngine

    return OpenAIChatEngine(server_url(choice.url), identity, model=choice.model)


def _identify_server(spec: EngineSpec, choice: EngineChoice) -> EngineIdentity:
    """Raises UsageError: no server is named. Raises Fault: it names no model, and neither does ``choice``."""
    spec.version()
    from suture.engines.openai import first_model, host_of, server_url

    url = server_url(choice.url)
    model = choice.model or first_model(url)
    return EngineIdentity(name=spec.name, version="v1", threads=1, batch=choice.batch, host=host_of(url), model=model)


def _identify_chat(spec: EngineSpec, choice: EngineChoice) -> EngineIdentity:
    """Without the model: a chat's model is what is measured, as a pack is elsewhere. Raises UsageError: no server."""
    spec.version()
    from suture.engines.openai import host_of, server_url

    host = host_of(server_url(choice.url))
    return EngineIdentity(name=spec.name, version="v1", threads=1, batch=choice.batch, host=host)


def _open_vllm(model: Path, choice: EngineChoice, identity: EngineIdentity, adapters: Mapping[str, Path]) -> Generator:
    from suture.engines.vllm import VllmEngine

    return VllmEngine(model, choice, identity)


def _identify_vllm(spec: EngineSpec, choice: EngineChoice) -> EngineIdentity:
    """Raises MissingTool: not installed, or no GPU. Raises UsageError: other numbers than BF16."""
    installed = spec.version()
    from suture.engines.vllm_here import identify_vllm

    return identify_vllm(choice, version_of_vllm=installed, threads=choice.threads or usable_cores())


OPENVINO = EngineSpec(
    name="openvino",
    package="openvino-genai",
    extra="openvino",
    why_not=cannot_compute,
    identity=_identify_openvino,
    open=_open_openvino,
)
LLAMACPP = EngineSpec(
    name="llamacpp",
    package="xllamacpp",
    extra="llamacpp",
    hot_adapters=True,
    open=_open_llamacpp,
)
OPENAI = EngineSpec(
    name="openai",
    package="httpx2",
    extra="openai",
    reads=Reads.NOTHING,
    identity=_identify_server,
    here=never,
    open=_open_openai,
)
OPENAI_CHAT = EngineSpec(
    name="openai-chat",
    package="httpx2",
    extra="openai",
    reads=Reads.MESSAGES,
    identity=_identify_chat,
    here=never,
    open=_open_openai_chat,
)
VLLM = EngineSpec(
    name="vllm",
    package="vllm",
    extra="vllm",
    before_installing="needs a GPU, and an environment without the extra train: the two want other transformers",
    reads=Reads.HUGGING_FACE,
    identity=_identify_vllm,
    here=never,
    open=_open_vllm,
)
"""Only where it is named: ``auto`` chooses among engines for a pack, and this one measures weights in BF16."""
