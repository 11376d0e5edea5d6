"""Any OpenAI-compatible server (vLLM, llama-server, Ollama, a cloud), through ``/v1/completions``.

Prompts are rendered already, by the model's own template; a server's chat is another instrument (``openai_chat``).
Requests go out one prompt each, ``batch`` at a time; 429, 5xx, timeouts and lost connections are tried again, each time
later.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from suture.core.errors import Fault, UsageError
from suture.core.measure.attempt import Completion, EngineIdentity, FinishReason, Request, Sampling
from suture.engines.stop_strings import cut_at_stop

URL_VARIABLE, KEY_VARIABLE = "OPENAI_BASE_URL", "OPENAI_API_KEY"
ATTEMPTS = 6
TIMEOUT_S = 600.0
LONGEST_WAIT_S = 60.0


def server_url(url: str | None) -> str:
    """The base URL, ending in ``/v1`` for most servers. Raises UsageError: none is given, or it is none."""
    found = url or os.environ.get(URL_VARIABLE)
    if not found or urlsplit(found).scheme not in ("http", "https"):
        said = f"engine.url {found!r} is no URL" if found else "engine openai needs a server"
        raise UsageError(said, mend=f"set {URL_VARIABLE}, or engine.url in the recipe, to http://HOST:PORT/v1")
    return found.rstrip("/")


def host_of(url: str) -> str:
    """``host:port``, without what a URL may hold of credentials."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


class OpenAIEngine:
    """Asks a model by the name that the server knows it by: ``model``, else ``identity.model``."""

    path = "completions"
    not_there = "prompts are rendered already: use a server with /v1/completions, or --engine openai-chat"
    """What mends a server that does not have ``path``."""

    def __init__(
        self,
        url: str,
        identity: EngineIdentity,
        *,
        model: str | None = None,
        timeout: float = TIMEOUT_S,
        first_wait: float = 1.0,
    ) -> None:
        """Raises UsageError: the key in the environment is none."""
        self.identity = identity
        self._model = model or identity.model
        self._host, self._first_wait = host_of(url), first_wait
        self._client = _client(url, timeout=timeout, connections=identity.batch)

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[tuple[int, Completion]]:
        """At most ``identity.batch`` requests are under way; an answer is yielded when it arrives.

        Raises:
            UsageError: the server has no such model or no completions, or refuses the key.
            Fault: it went on failing.
        """
        if any(request.adapter for request in requests):
            raise UsageError("engine openai cannot load an adapter", mend="serve it under a name of its own")
        started, given_up = time.monotonic(), threading.Event()
        pool = ThreadPoolExecutor(self.identity.batch, thread_name_prefix="openai")
        try:
            waiting = {
                pool.submit(self._complete, request, sampling, index, given_up): index
                for index, request in enumerate(requests)
            }
            for future in as_completed(waiting):
                completion = future.result()
                yield waiting[future], completion.model_copy(update={"seconds": time.monotonic() - started})
        finally:
            given_up.set()
            pool.shutdown(cancel_futures=True)

    def _body(self, request: Request) -> dict[str, Any]:
        """What is asked beside the sampling."""
        return {"prompt": request.prompt, "stop": list(request.stop) or None}

    def _text(self, choice: Any, request: Request) -> str:
        """The answer in one choice of a reply."""
        return choice["text"]

    def _complete(self, request: Request, sampling: Sampling, index: int, given_up: threading.Event) -> Completion:
        body = {
            "model": self._model,
            "max_tokens": request.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": sampling.seed + index,
            **self._body(request),
        }
        retrying = Retrying(
            retry=retry_if_exception(lambda error: not given_up.is_set() and _may_pass(error)),
            wait=self._wait,
            sleep=_sleep_unless(given_up),
            stop=stop_after_attempt(ATTEMPTS),
            reraise=True,
        )
        try:
            reply = retrying(self._post, body)
            choice, usage = reply["choices"][0], reply["usage"]
            text, stopped = cut_at_stop(self._text(choice, request), request.stop)
            return Completion(
                text=text,
                finish=FinishReason.LENGTH
                if choice["finish_reason"] == "length" and not stopped
                else FinishReason.STOP,
                prompt_tokens=usage["prompt_tokens"],
                tokens=usage["completion_tokens"],
            )
        except httpx.HTTPStatusError as error:
            raise self._refusal(error) from error
        except httpx.HTTPError as error:
            said = f"{self._host} did not answer in {ATTEMPTS} attempts: {type(error).__name__}"
            raise Fault(said, mend="see that the server runs, or ask it less at once: --batch") from error
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise Fault(f"{self._host} gave an answer that is no completion: {error!r}") from error

    def _post(self, body: Mapping[str, Any]) -> Any:
        return self._client.post(self.path, json=body).raise_for_status().json()

    def _wait(self, state: RetryCallState) -> float:
        """What the server asks for (``Retry-After``), else twice as long each time."""
        error = state.outcome.exception() if state.outcome else None
        asked = error.response.headers.get("retry-after", "") if isinstance(error, httpx.HTTPStatusError) else ""
        if asked.isdecimal():
            return min(float(asked), LONGEST_WAIT_S)
        return wait_exponential_jitter(multiplier=self._first_wait, max=LONGEST_WAIT_S, jitter=self._first_wait)(state)

    def _refusal(self, error: httpx.HTTPStatusError) -> Exception:
        status = error.response.status_code
        if status in (401, 403):
            return UsageError(f"{self._host} refuses the key ({status})", mend=f"set {KEY_VARIABLE}")
        if status == 404:
            return UsageError(
                f"{self._host} has no /{self.path}, or no model {self._model!r} (404)", mend=self.not_there
            )
        return Fault(f"{self._host} answered {status}: {' '.join(error.response.text.split())[:200]}")

    def close(self) -> None:
        self._client.close()


def first_model(url: str) -> str:
    """The model a server names first. Raises Fault: it names none."""
    try:
        with _client(url, timeout=30) as client:
            return str(client.get("models").raise_for_status().json()["data"][0]["id"])
    except (httpx.HTTPError, KeyError, IndexError, TypeError, ValueError) as error:
        raise Fault(f"{host_of(url)} does not say what models it has", mend="name one: engine.model") from error


def _client(url: str, *, timeout: float, connections: int = 1) -> httpx.Client:
    """Raises UsageError: the key in the environment is none."""
    options = client_options(url, timeout=timeout, connections=connections)
    return httpx.Client(**options)


def client_options(url: str, *, timeout: float | httpx.Timeout, connections: int = 1) -> dict[str, Any]:
    """How a server is connected to. Proxies are those of the environment (``HTTP_PROXY``, ``NO_PROXY``); a server on
    this machine is asked directly.

    Raises UsageError: the key in the environment is none.
    """
    host = urlsplit(url).hostname or ""
    bracketed = f"[{host}]" if ":" in host else host
    return {
        "base_url": url,
        "timeout": timeout,
        "headers": _headers(),
        "limits": httpx.Limits(max_connections=connections),
        "mounts": {f"all://{bracketed}": None} if is_here(host) else None,
    }


def is_here(host: str) -> bool:
    """Tell whether a host name or address is this machine's own loopback."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _headers() -> dict[str, str]:
    """Raises UsageError: the key is none."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise UsageError(f"{KEY_VARIABLE} holds characters that no header can carry", mend=f"set {KEY_VARIABLE} again")
    return {"Authorization": f"Bearer {key}"} if key else {}


def _sleep_unless(given_up: threading.Event) -> Callable[[float], None]:
    def sleep(seconds: float) -> None:
        given_up.wait(seconds)

    return sleep


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    return isinstance(error, httpx.TransportError)
