"""What a pack says next, as the serving engine computes it: one half of a pack's proof."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile, Fault, MissingTool
from suture.core.parity import NextToken


def next_tokens(pack: Path, prompts: Sequence[str], *, top: int = 20) -> list[NextToken]:
    """The ``top`` likeliest next tokens after each prompt, through llama.cpp.

    Raises:
        MissingTool: xllamacpp is not installed.
        BadFile: it cannot load the pack.
    """
    try:
        import xllamacpp
    except ImportError:
        raise MissingTool("proving a pack needs llama.cpp", mend="pip install 'suture[llamacpp]'") from None
    llama: Any = xllamacpp  # its names come from a compiled module
    params = llama.CommonParams()
    params.model.path = str(pack)
    params.n_parallel = 1
    params.n_ctx = 4096
    params.warmup = False
    params.verbosity = -1
    params.cache_ram_mib = 0
    try:
        server: Any = llama.Server(params)
    except (RuntimeError, ValueError) as error:
        raise BadFile(f"{pack}: llama.cpp cannot load it: {error}") from error
    return [_next_token(server, prompt, top) for prompt in prompts]


def _next_token(server: Any, prompt: str, top: int) -> NextToken:
    reply = server.handle_completions(
        {"prompt": prompt, "max_tokens": 1, "temperature": 0.0, "logprobs": top, "cache_prompt": False}
    )
    if "choices" not in reply:
        raise Fault(f"llama.cpp gave no log-probabilities: {reply}")
    entries = reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
    return NextToken(
        prompt_tokens=reply["usage"]["prompt_tokens"],
        logprobs={entry["id"]: entry["logprob"] for entry in entries},
    )
