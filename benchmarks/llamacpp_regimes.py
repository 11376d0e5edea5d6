"""What llama.cpp's numbers depend on: neighbours, their order, when they arrive, and how long the prompt is.

    python benchmarks/llamacpp_regimes.py PACK.gguf [--tokens 24] [--slots 8] [--threads 1] [--out FILE]

A prompt of each length is continued greedily alone; then beside one to seven others in one call, in the order reversed,
again, and beside others that arrive one by one while it is being answered. Compared are the log-probabilities of its
tokens, as far as the texts agree. A regime is *equal* where every one of them is the same to the last bit.
"""

import argparse
import json
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from suture.core.measure.task import Task
from suture.engines.llamacpp_server import LlamaServer
from suture.suites.catalog import load_suites

LENGTHS = {"short": 24, "middle": 200, "long": 800}
"""Tokens of a prompt."""
DELAYS = (0.0, 0.05, 0.15, 0.4)
"""Seconds between requests that arrive one by one."""


class Said(NamedTuple):
    """Log-probabilities of the tokens that one prompt was continued with, and the tokens."""

    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]


class Apart(NamedTuple):
    """``after``: tokens until the texts part; None where they do not. ``most``: in nats, up to there."""

    after: int | None
    most: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--slots", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    server = LlamaServer(given.pack, threads=given.threads, slots=given.slots, context=1024)
    text = "\n\n".join(_question(task) for task in load_suites(["humaneval"]))
    rows: list[dict[str, Any]] = []
    try:
        for name, length in LENGTHS.items():
            prompts = [_piece(server, text, start, length) for start in range(given.slots)]
            for regime, ask in _regimes(server, prompts, given.tokens).items():
                found = [_apart(one, other) for one, other in ask()]
                parted = [one.after for one in found if one.after is not None]
                row = {
                    "prompt": name,
                    "regime": regime,
                    "answers": len(found),
                    "equal": sum(one.after is None and one.most == 0 for one in found),
                    "other_text": len(parted),
                    "first_after": min(parted, default=None),
                    "most_nats": max(one.most for one in found),
                }
                rows.append(row)
                print(json.dumps(row), flush=True)
    finally:
        server.close()
    if given.out:
        settings = {"pack": given.pack.name, "tokens": given.tokens, "slots": given.slots, "threads": given.threads}
        given.out.write_text(json.dumps({**settings, "lengths": LENGTHS, "rows": rows}, indent=1) + "\n")


def _question(task: Task) -> str:
    return task.messages[-1].content


def _piece(server: LlamaServer, text: str, number: int, length: int) -> str:
    """So many tokens of the text, each piece another."""
    part = text[number * 4_000 : number * 4_000 + length * 8]
    tokens = server.ask("/tokenize", {"content": part, "add_special": True})["tokens"][:length]
    return str(server.ask("/detokenize", {"tokens": tokens})["content"])


def _regimes(
    server: LlamaServer, prompts: Sequence[str], tokens: int
) -> dict[str, Callable[[], list[tuple[Said, Said]]]]:
    """By name, pairs of an answer and what it is compared with."""
    slots = len(prompts)
    alone = [_said(server, [prompt], tokens)[0] for prompt in prompts]
    whole = _said(server, prompts, tokens)

    def beside(count: int) -> list[tuple[Said, Said]]:
        return list(zip(_said(server, prompts[:count], tokens), alone, strict=False))

    def turned() -> list[tuple[Said, Said]]:
        return list(zip(reversed(_said(server, prompts[::-1], tokens)), whole, strict=True))

    neighbours = {f"alone against {n} in one call": lambda n=n: beside(n) for n in range(2, slots + 1)}
    return {
        "alone, again": lambda: list(zip([_said(server, [one], tokens)[0] for one in prompts], alone, strict=True)),
        **neighbours,
        f"{slots} in one call, again": lambda: list(zip(_said(server, prompts, tokens), whole, strict=True)),
        f"{slots} in one call, reversed": turned,
        f"{slots // 2} against {slots} in one call": lambda: list(
            zip(_said(server, prompts[: slots // 2], tokens), whole, strict=False)
        ),
        **{
            f"{slots} one by one, {delay:g} s apart, again": lambda delay=delay: list(
                zip(*(_one_by_one(server, prompts, tokens, delay) for _ in range(2)), strict=True)
            )
            for delay in DELAYS
        },
    }


def _said(server: LlamaServer, prompts: Sequence[str], tokens: int) -> list[Said]:
    """The prompts in one call, in order."""
    body = {"prompt": list(prompts), "temperature": 0, "n_predict": tokens, "n_probs": 1, "ignore_eos": True}
    answer = server.complete({**body, "cache_prompt": False})
    told: Any = json.loads(answer) if isinstance(answer, str | bytes) else answer
    choices = sorted(told["choices"], key=lambda choice: choice["index"])
    return [_of_choice(choice) for choice in choices]


def _of_choice(choice: Any) -> Said:
    content = choice["logprobs"]["content"]
    return Said(tuple(entry["id"] for entry in content), tuple(entry["logprob"] for entry in content))


def _one_by_one(server: LlamaServer, prompts: Sequence[str], tokens: int, delay: float) -> list[Said]:
    found: dict[int, Said] = {}

    def ask(at: int) -> None:
        time.sleep(at * delay)
        found[at] = _said(server, [prompts[at]], tokens)[0]

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[at] for at in range(len(prompts))]


def _apart(one: Said, other: Said) -> Apart:
    pairs = list(zip(one.tokens, other.tokens, strict=False))
    after = next((at for at, (a, b) in enumerate(pairs) if a != b), None)
    upto = len(pairs) if after is None else after
    most = max((abs(a - b) for a, b in zip(one.logprobs[:upto], other.logprobs[:upto], strict=False)), default=0.0)
    return Apart(after, most)


if __name__ == "__main__":
    main()
