"""The command line: finds the verb, turns failures into one line and an exit code."""

import signal
import sys
from typing import TYPE_CHECKING

from suture import __version__

if TYPE_CHECKING:
    from cyclopts import App

VERBS = {
    "init": ("init:init", "Write a recipe and tasks that run as they are, to begin with."),
    "check": ("check:check", "Say what a recipe needs, what is missing, and what it can prove."),
    "heal": ("heal:heal", "Run the whole loop: bench, harvest, train, merge, pack, gate, promote, report."),
    "recipe": ("recipe:recipe_app", "Explain the keys of a recipe, or print its JSON Schema."),
    "experiment": ("experiment:experiment", "Run a grid of repairs: one table, one picture."),
    "bench": ("bench:bench", "Measure a model or pack on a suite."),
    "harvest": ("harvest:harvest", "Turn a scoreboard into failures and anchors."),
    "train": ("train:train", "Train a LoRA adapter on a dataset."),
    "import": ("imports:import_app", "Take in an adapter of another tool, or runs of another store."),
    "rescue": ("rescue:rescue", "Find how much of an adapter can be used without losing a task."),
    "merge": ("merge:merge", "Merge an adapter into its base."),
    "pack": ("pack:pack_app", "Write merged weights as one GGUF file, and prove it; show, diff."),
    "gate": ("gate:gate", "Say whether results are as good as those before, task by task."),
    "compare": ("compare:compare", "Show what differs between two measurements of the same tasks."),
    "show": ("show:show", "Show what was measured, task by task, in this terminal."),
    "view": ("view:view", "See what was measured and decided, in a browser on this machine."),
    "promote": ("promote:promote", "Point a model's champion, or another alias, at a gated pack."),
    "rollback": ("promote:rollback", "Put an earlier pack of a model back, and measure its anchors again."),
    "serve": ("serve:serve", "Serve a model as OpenAI's servers do."),
    "route": ("route:route_app", "Train a router, say why a prompt takes its route, find leaks."),
    "records": ("records:records_app", "Look at, check, export and judge what was served."),
    "replay": ("replay:replay", "Ask for a recorded answer again: is it the same?"),
    "keys": ("keys:keys_app", "Make and remove the keys that `suture serve` asks for."),
    "ask": ("ask:ask", "Ask a model one question and print its answer as it is made."),
    "chat": ("chat:chat", "Talk with a model in this terminal."),
    "path": ("path:path", "Print where the GGUF file of a model lies, after checking its bytes."),
    "registry": ("registry:registry_app", "List models, their aliases and their history; set aliases."),
    "export": ("export:export", "Write a directory ready to upload: pack, model card, gate report."),
    "verify": ("verify:verify", "Check every record and file of the store against its hash."),
    "gc": ("gc:gc", "Remove from the store what nothing refers to; shows it first."),
    "suite": ("suite:suite_app", "Check, show, convert and make tasks, before anything is asked of a model."),
    "judge": ("judge:judge", "Judge programs against a suite, or test the judge itself."),
    "report": ("report:report", "Print the report of a run."),
    "doctor": ("doctor:doctor", "Say what is missing on this machine, and what mends it."),
    "completion": ("completion:completion", "Print what completes verbs and options in bash, zsh or fish."),
    "version": ("version:version", "Print the version."),
}
GROUPS = {
    "Begin": ("init", "check", "doctor", "recipe"),
    "Repair": ("heal", "experiment", "report"),
    "Measure and decide": ("bench", "gate", "compare", "show", "view", "judge", "suite"),
    "Step by step": ("harvest", "train", "import", "rescue", "merge", "pack"),
    "Models": ("registry", "promote", "rollback", "path", "export"),
    "Serve": ("serve", "route", "ask", "chat", "keys", "records", "replay"),
    "The store": ("verify", "gc"),
    "This program": ("completion", "version"),
}
"""What verbs are for, in the order a newcomer meets them; each verb is in one."""


SUMMARY = "Repairs small language models without losing what they already do well, and proves it."


def _overview() -> str:
    """Written here rather than by cyclopts: the first thing a person types is answered at once."""
    parts = [
        "\n".join([title, *(f"  {name:<10} {VERBS[name][1]}" for name in names)]) for title, names in GROUPS.items()
    ]
    ending = "`suture VERB --help` shows options and an example."
    return "\n\n".join(["Usage: suture VERB ...", SUMMARY, *parts, ending]) + "\n"


def parser_of(*verbs: str) -> "App":
    """The parser of some verbs: what a verb needs is loaded when that verb is called."""
    from cyclopts import App, Parameter

    from suture.cli.flags import as_typed

    app = App(
        name="suture",
        help=SUMMARY,
        help_format="markdown",
        suppress_keyboard_interrupt=False,
        default_parameter=Parameter(show_default=as_typed, negative_iterable=()),
    )
    for verb in verbs:
        app.command(f"suture.cli.verbs.{VERBS[verb][0]}", name=verb)
    return app


def main(arguments: list[str] | None = None) -> None:
    """A program that is told to end (SIGTERM) ends as on Ctrl-C: finished work is kept."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command line; returns its exit code.

    See `docs/exit-codes.md`.
    """
    as_json, debug = "--json" in arguments, "--debug" in arguments
    if arguments in ([], ["--help"], ["-h"]):
        sys.stdout.write(_overview())
        return 0
    if arguments in (["--version"], ["-V"]):
        sys.stdout.write(f"{__version__}\n")
        return 0
    if arguments[0] not in VERBS:
        return _fail(_unknown(arguments[0]), as_json=as_json)
    try:
        code = parser_of(arguments[0])(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except KeyboardInterrupt:
        return _interrupted("interrupted; finished work is kept: run the same command to go on", as_json=as_json)
    except Exception as error:
        if debug:
            import traceback

            traceback.print_exc()
        return _fail(error, as_json=as_json, debug=debug)
    return code if isinstance(code, int) else 0


def _interrupted(message: str, *, as_json: bool) -> int:
    from suture.cli.output import emit_error
    from suture.core.errors import Interrupted

    return int(emit_error(Interrupted(message), as_json=as_json))


def _unknown(verb: str) -> Exception:
    from suture.cli.mistakes import verb_of_others
    from suture.core.errors import UnknownName

    return verb_of_others(verb) or UnknownName("verb", verb, VERBS, mend="suture --help")


def _fail(error: Exception, *, as_json: bool, debug: bool = False) -> int:
    from suture.cli.failures import fail

    return fail(error, as_json=as_json, debug=debug)
