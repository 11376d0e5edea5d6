"""The files that a promptfoo configuration names: prompts, tests and values that stand beside it."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from suture.core.errors import BadFile
from suture.core.json_types import is_list, is_object, json_text
from suture.files.rows import located_rows
from suture.files.text_files import read_text
from suture.suites.convert.converter import NotConverted

FILE = "file://"
_ELSEWHERE = ("http://", "https://", "huggingface://", "package:", "langfuse://", "portkey://", "helicone://", "exec:")
_TEXTS = (".txt", ".md", ".j2", ".json", ".jsonl", ".yaml", ".yml", ".csv")
_CODE = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".py", ".rb", ".go", ".sh")
_ASSERTED = re.compile(r"(?:not-)?[a-z]+(?:-[a-z]+)*(?:\(\d+(?:\.\d+)?\))?(?::|$)")
"""How a cell of ``__expected`` begins that names an assertion."""
_TYPES = frozenset(
    (
        "equals", "contains", "icontains", "contains-all", "contains-any", "icontains-all", "icontains-any",
        "contains-json", "contains-html", "contains-sql", "contains-xml", "is-json", "is-html", "is-sql", "is-xml",
        "is-refusal", "is-valid-function-call", "is-valid-openai-function-call", "is-valid-openai-tools-call", "regex",
        "starts-with", "similar", "levenshtein", "rouge-n", "bleu", "gleu", "meteor", "llm-rubric", "factuality",
        "model-graded-closedqa", "model-graded-factuality", "answer-relevance", "context-recall", "context-relevance",
        "context-faithfulness", "conversation-relevance", "g-eval", "classifier", "moderation", "guardrails", "webhook",
        "javascript", "python", "ruby", "fn", "eval", "grade", "cost", "latency", "perplexity", "perplexity-score",
        "finish-reason", "tool-call-f1", "pi", "select-best", "max-score", "trace-error-spans", "trace-span-count",
        "trace-span-duration",
    )
)  # fmt: skip
"""Assertions that a table's cell can name; any other text is the wanted answer."""


class Elsewhere(NamedTuple):
    """A prompt or a test that cannot be read: ``why``."""

    why: str


def yaml_of(text: str, place: str) -> Any:
    """As JSON has it: a date is the text that stands there, and a key is a text.

    Raises:
        BadFile: no YAML, or two keys of one text.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import SafeConstructor
    from ruamel.yaml.error import YAMLError

    def as_written(_: Any, node: Any) -> str:
        return node.value

    plain: Any = type("Plain", (SafeConstructor,), {})  # of its own: others' dates stay dates
    plain.add_constructor("tag:yaml.org,2002:timestamp", as_written)
    try:
        yaml: Any = YAML(typ="safe", pure=True)
        yaml.Constructor = plain
        return _with_text_keys(yaml.load(text), {})
    except (YAMLError, RecursionError, ValueError) as error:
        raise BadFile(f"{place}: no YAML: {' '.join(str(error).split())[:200]}") from None


def _with_text_keys(value: Any, made: dict[int, Any]) -> Any:
    """``made``: what came of each list and object, which may stand in many places."""
    if id(value) in made:
        return made[id(value)]
    if is_list(value):
        made[id(value)] = [_with_text_keys(one, made) for one in value]
        return made[id(value)]
    if not is_object(value):
        return value
    pairs = cast("Mapping[object, Any]", value)
    texts = [key if isinstance(key, str) else json_text(key) for key in pairs]
    if twice := next((text for text in texts if texts.count(text) > 1), None):
        raise ValueError(f"an object has the key {twice!r} twice, as a text and as another value")
    made[id(value)] = dict(zip(texts, (_with_text_keys(one, made) for one in pairs.values()), strict=True))
    return made[id(value)]


def prompts_of(listed: Any, home: Path) -> Iterator[str | Elsewhere]:
    """Each prompt's text. ``listed``: a prompt or a list of them, each a text, a file's name, or an object with it."""
    for prompt in listed if is_list(listed) else list(listed) if is_object(listed) else [listed]:
        if is_object(prompt):
            prompt = prompt.get("raw") or prompt.get("id")  # noqa: PLW2901
        if not isinstance(prompt, str):
            if prompt is not None:
                yield Elsewhere("its prompt is no text")
        elif (named := _named(prompt, home)) is None:
            yield prompt
        else:
            yield from _tried(_prompts_in(named, home), "its prompt")


def tests_of(listed: Any, home: Path) -> Iterator[Any]:
    """Each test as it stands. ``listed``: a list of tests and of files with tests, or one file."""
    for test in listed if is_list(listed) else [listed]:
        if isinstance(test, str):
            yield from _tried(_tests_in(test, home), "its tests")
        elif is_object(test) and "path" in test and not test.keys() & {"vars", "assert"}:
            yield Elsewhere(f"its tests: {test['path']} is code")
        elif test is not None:
            yield test


def text_in(reference: str, home: Path) -> str:
    """The text of a file; YAML as JSON.

    Raises:
        NotConverted: it is not there or not below the configuration's directory, or is no text.
    """
    (path,) = _paths(reference, home, pattern=False)
    if path.suffix in (".yaml", ".yml"):
        return json.dumps(yaml_of(_read(path), str(path)), ensure_ascii=False)
    if path.suffix not in (".txt", ".md", ".json", ".csv", ".html", ".xml", ".sql", ".jsonl", ""):
        raise NotConverted(f"{reference} is no text")
    return _read(path).strip()


def value_in(reference: str, home: Path) -> Any:
    """The value of a file of JSON or YAML; the text of another. Raises NotConverted: as ``text_in``."""
    (path,) = _paths(reference, home, pattern=False)
    return yaml_of(_read(path), str(path)) if path.suffix in (".json", ".yaml", ".yml") else text_in(reference, home)


def _tried(found: Iterable[Any], whose: str) -> Iterator[Any]:
    try:
        yield from found
    except NotConverted as refusal:
        yield Elsewhere(f"{whose}: {refusal}")
    except BadFile as error:
        yield Elsewhere(f"{whose}: {error}")


def _named(prompt: str, home: Path) -> str | None:
    """The file that a prompt names; None for a prompt that is a text."""
    if prompt.startswith((FILE, *_ELSEWHERE)):
        return prompt
    suffix = Path(prompt.partition(":")[0]).suffix if "\n" not in prompt and len(prompt) < 300 else ""
    return prompt if suffix in (*_TEXTS, *_CODE) and (suffix in _CODE or " " not in prompt) else None


def _prompts_in(reference: str, home: Path) -> Iterator[str]:
    for path in _paths(reference, home):
        text = _read(path)
        if path.suffix == ".txt":
            parts = re.split(r"(?m)^[ \t]*---[ \t]*$", text)
            yield from (part.strip() for part in parts if part.strip())
        elif path.suffix == ".jsonl":
            yield from (line for line in text.splitlines() if line.strip())
        elif path.suffix in (".yaml", ".yml"):
            yield json.dumps(yaml_of(text, str(path)), ensure_ascii=False)
        elif path.suffix == ".csv":
            yield from (row["prompt"] for row in _table(path) if row.get("prompt"))
        else:
            yield text


def _tests_in(reference: str, home: Path) -> Iterator[Any]:
    for path in _paths(reference, home):
        if path.suffix == ".csv":
            yield from (_test_of(row) for row in _table(path))
        elif path.suffix in (".json", ".jsonl"):
            yield from (located.row for located in located_rows(path))
        elif path.suffix in (".yaml", ".yml"):
            value = yaml_of(_read(path), str(path))
            yield from value if is_list(value) else [value]
        else:
            raise NotConverted(f"{reference} is no file of tests")


def _paths(reference: str, home: Path, *, pattern: bool = True) -> list[Path]:
    """The files that a reference names. Raises NotConverted: as ``text_in``."""
    if reference.startswith(_ELSEWHERE):
        raise NotConverted(f"{reference} is on the network or in a package")
    name = reference.removeprefix(FILE)
    if Path(re.sub(r":\w+$", "", name)).suffix in _CODE:
        raise NotConverted(f"{reference} is code")
    found = sorted(home.glob(name)) if pattern and "*" in name and not Path(name).is_absolute() else [home / name]
    if not found or not all(path.is_file() for path in found):
        raise NotConverted(f"{reference} is not there")
    if not all(path.resolve().is_relative_to(home.resolve()) for path in found):
        raise NotConverted(f"{reference} is outside of the configuration's directory")
    return found


def _read(path: Path) -> str:
    return read_text(path, what="text")


def _table(path: Path) -> Iterator[dict[str, str]]:
    """Lenient, as promptfoo is: a cell may have blanks after its quotes."""
    try:
        for row in csv.DictReader(io.StringIO(_read(path)), skipinitialspace=True):
            yield {name.strip(): value or "" for name, value in row.items() if isinstance(name, str)}
    except csv.Error as error:
        raise NotConverted(f"{path.name} is no table: {error}") from None


def _test_of(row: dict[str, str]) -> dict[str, Any]:
    """A row of a table: columns are variables, but for those that begin with two underscores."""
    asserted = [
        _assertion(cell.strip()) for name, cell in row.items() if name.startswith("__expected") and cell.strip()
    ]
    options = {key: row[f"__{key}"] for key in ("prefix", "suffix") if row.get(f"__{key}")}
    threshold = {"threshold": row["__threshold"]} if row.get("__threshold") else {}
    values = {name: value for name, value in row.items() if not name.startswith("__")}
    return {"vars": values, "assert": asserted, "options": options, **threshold}


def _assertion(cell: str) -> dict[str, Any]:
    """``TYPE: VALUE`` or ``TYPE``; any other text is what the answer equals."""
    if cell.startswith(FILE):
        return {"type": "javascript" if Path(cell).suffix != ".py" else "python", "value": cell}
    head, colon, value = cell.partition(":")
    name = head.partition("(")[0].removeprefix("not-")
    if _ASSERTED.match(cell) is None or name not in _TYPES:
        return {"type": "equals", "value": cell}
    kind = head.partition("(")[0]
    return {"type": kind, "value": value.strip()} if colon else {"type": kind}
