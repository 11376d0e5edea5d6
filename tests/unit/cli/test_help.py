import subprocess
import sys

from suture.cli.main import VERBS, parser_of


def test_overview_lists_every_verb(suture):
    said = suture("--help")
    assert said.code == 0
    assert all(verb in said.out for verb in VERBS)


def commands_of(verb: str) -> list[str]:
    """The verb itself, if it does something, and what it is divided into."""
    app = parser_of(verb)[verb]
    parts = [f"{verb} {name}" for name in app if not name.startswith("-")]
    return [verb, *parts] if app.default_command is not None else parts


def test_every_command_has_an_example(suture):
    commands = [command for verb in VERBS for command in commands_of(verb)]
    assert len(commands) > len(VERBS)
    for command in commands:
        said = suture(*command.split(), "--help")
        assert said.code == 0
        assert f"Example: suture {command}" in said.out, command


def test_examples_are_understood(suture):
    """Every example names a command there is, and only flags that it has."""
    for command in (command for verb in VERBS for command in commands_of(verb)):
        text = " ".join(suture(*command.split(), "--help").out.replace("│", " ").split())
        for example in text.split("Example: suture ")[1:]:
            words = example.partition("╭")[0].split()
            assert words[: len(command.split())] == command.split()
            assert [word for word in words if word.startswith("--") and f"{word} " not in text.partition("╭")[2]] == []


def test_no_verb_imports_torch():
    modules = sorted({place.partition(":")[0] for place, _ in VERBS.values()})
    script = (
        f"import sys, importlib; [importlib.import_module('suture.cli.verbs.' + name) for name in {modules}]; "
        "sys.exit(bool({'torch', 'transformers', 'peft'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_help_loads_no_types():
    script = (
        "import sys; from suture.cli.main import run; run(['--help']); "
        "sys.exit(bool({'pydantic', 'numpy', 'jinja2', 'torch'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, stdout=subprocess.DEVNULL).returncode == 0
