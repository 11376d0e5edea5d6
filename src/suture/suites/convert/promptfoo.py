"""promptfoo's configuration: ``prompts`` times ``tests``, each test with its assertions."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile
from suture.core.json_types import is_list, is_object
from suture.files.text_files import read_text
from suture.suites.convert.answers import part_of_answer
from suture.suites.convert.converter import (
    Choices,
    Converter,
    Item,
    NotConverted,
    as_object,
    items_of_rows,
)

NOT_ABOUT_THE_ANSWER = frozenset(("latency", "cost", "perplexity", "perplexity-score"))
"""What an answer took: left out without loss."""
_VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_LOGIC = re.compile(r"\{\{|\{%|\{#")
_ONE_FILE = "write prompts and tests into one file, or convert the tables of tests as CSV"


def _items(path: Path, _: Choices) -> Iterator[Item]:
    """Raises BadFile: no YAML, or prompts or tests that stand in other files."""
    settings = _settings(path)
    prompts, tests = (_list_of(settings, name, path) for name in ("prompts", "tests"))
    if settings.get("scenarios"):
        yield Item(f"{path}, scenarios", None, "scenarios are not converted")
    default: Any = settings.get("defaultTest") or {}

    def convert(cell: tuple[str, Any, Any]) -> dict[str, Any]:
        name, prompt, test = cell
        if isinstance(test, str):
            raise NotConverted(f"its tests stand in another file, {test}")
        return {"id": name, **_question(prompt, test, default), **_decided(test, default)}

    yield from items_of_rows(_cells_of(path, prompts, tests), convert)


def _cells_of(path: Path, prompts: list[Any], tests: list[Any]) -> Iterator[tuple[str, tuple[str, Any, Any]]]:
    """The place, and the id, prompt and test, of every test with every prompt."""
    for number, test in enumerate(tests, start=1):
        for at, prompt in enumerate(prompts, start=1):
            of_several = len(prompts) > 1
            place = f"{path}, test {number}" + (f", prompt {at}" if of_several else "")
            name = f"{path.stem}/{number}" + (f".{at}" if of_several else "")
            yield place, (name, prompt, test)


def _list_of(settings: dict[str, Any], name: str, path: Path) -> list[Any]:
    found: Any = settings.get(name)
    if isinstance(found, str):
        raise BadFile(f"{path}: its {name} stand in another file, {found}", mend=_ONE_FILE)
    if not is_list(found) or not found:
        raise BadFile(f"{path}: it has no list of {name}", mend=_ONE_FILE)
    return found


def _settings(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        yaml: Any = YAML(typ="safe", pure=True)
        settings: Any = yaml.load(read_text(path, what="promptfoo configuration"))
    except (YAMLError, RecursionError, ValueError) as error:
        raise BadFile(f"{path}: no YAML: {' '.join(str(error).split())[:200]}") from None
    if not is_object(settings):
        raise BadFile(f"{path}: no promptfoo configuration")
    return settings


def _question(prompt: Any, test: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    if is_object(prompt):
        prompt = prompt.get("raw")
    if not isinstance(prompt, str) or prompt.startswith("file://"):
        raise NotConverted("its prompt stands in another file")
    options = _merged("options", default, test)
    if "transform" in options or "postprocess" in options:
        raise NotConverted("its answer is transformed by code first")
    prompt = f"{options.get('prefix', '')}{prompt}{options.get('suffix', '')}"
    values = _merged("vars", default, test)
    chat = _chat(prompt)
    if chat is None:
        return {"prompt": _filled(prompt, values)}
    return {"messages": [{"role": turn["role"], "content": _filled(turn["content"], values)} for turn in chat]}


def _merged(name: str, default: dict[str, Any], test: dict[str, Any]) -> dict[str, Any]:
    """What holds for a test: its own values, then those of all tests."""
    return {**as_object(default.get(name) or {}), **as_object(test.get(name) or {})}


def _chat(prompt: str) -> list[dict[str, str]] | None:
    """A prompt may be a chat, as JSON."""
    try:
        turns: Any = json.loads(prompt)
    except (ValueError, RecursionError):
        return None
    return turns if is_list(turns) else None


def _filled(template: str, values: dict[str, Any]) -> str:
    """Raises NotConverted: a template with logic, or a variable that is missing, a list, or in another file."""

    def value(match: re.Match[str]) -> str:
        found: Any = values
        for part in match[1].split("."):
            if not is_object(found) or part not in found:
                raise NotConverted(f"its variable {match[1]} has no value")
            found = found[part]
        if isinstance(found, list):
            raise NotConverted(f"its variable {match[1]} is a list: several tests in one")
        if isinstance(found, str) and (found.startswith(("file://", "package:")) or _LOGIC.search(found)):
            raise NotConverted(f"its variable {match[1]} stands elsewhere")
        return found if isinstance(found, str) else json.dumps(found)

    if _LOGIC.search(_VARIABLE.sub("", template)):
        raise NotConverted("its prompt is a template with logic")
    return _VARIABLE.sub(value, template)


def _decided(test: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    """``kind``, ``check`` and ``reference``: all assertions must be carried over, or the test is not."""
    values = _merged("vars", default, test)
    if test.get("threshold") is not None:
        raise NotConverted("it passes by a score of several assertions (threshold)")
    every = [*(default.get("assert") or ()), *(test.get("assert") or ())]
    asserted = [one for one in every if one["type"] not in NOT_ABOUT_THE_ANSWER and one.get("weight") != 0]
    if not asserted:
        raise NotConverted("it asserts nothing about the answer")
    checks = [_check(one, values) for one in asserted]
    if len(checks) == 1:
        return checks[0]
    keys = [key for one in checks for key in one["check"]]
    if all(one["kind"] == "json" for one in checks) and sorted(keys) == ["equals", "schema"]:
        return {**checks[0], **checks[1], "check": {**checks[0]["check"], **checks[1]["check"]}}
    raise NotConverted(f"several assertions at once: {', '.join(one['type'] for one in asserted)}")


def _check(asserted: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:  # noqa: PLR0911 - one a type
    kind, wanted = asserted["type"], asserted.get("value")
    if "transform" in asserted:
        raise NotConverted("an assertion transforms the answer by code")
    if isinstance(wanted, str):
        if wanted.startswith("file://"):
            raise NotConverted(f"the value of its assertion {kind} stands in another file")
        wanted = _filled(wanted, values)
    match kind:
        case "equals" if isinstance(wanted, dict | list | bool):
            return {"kind": "json", "check": {"equals": wanted}, "reference": json.dumps(wanted)}
        case "equals":
            return {"kind": "text", "check": {"exact": str(wanted)}, "reference": str(wanted)}
        case "is-json":
            return {"kind": "json", "check": {"schema": _schema(wanted)}}
        case "regex":
            return {"kind": "text", "check": {"regex": str(wanted), "search": True}}
        case "starts-with":
            check = {"regex": f"(?s){re.escape(str(wanted))}.*"}
            return {"kind": "text", "check": check, "reference": str(wanted)}
        case "contains" | "icontains":
            check = part_of_answer([str(wanted)], ignore_case=kind == "icontains")
            return {"kind": "text", "check": check, "reference": str(wanted)}
        case "contains-any" | "icontains-any" | "contains-all" | "icontains-all":
            parts = [str(part) for part in wanted] if is_list(wanted) else _cells(str(wanted))
            every = kind.endswith("-all")
            check = part_of_answer(parts, ignore_case=kind.startswith("i"), every=every)
            return {"kind": "text", "check": check, "reference": " ".join(parts) if every else parts[0]}
        case _:
            raise NotConverted(f"its assertion {kind} has no counterpart")


def _schema(wanted: Any) -> Any:
    if isinstance(wanted, str):
        try:
            wanted = json.loads(wanted)
        except (ValueError, RecursionError):
            raise NotConverted("the schema of its assertion is-json is no JSON") from None
    if not wanted:
        raise NotConverted("its assertion is-json has no schema: any JSON would pass")
    return wanted


def _cells(text: str) -> list[str]:
    return [cell.strip().strip('"') for cell in text.split(",")]


PROMPTFOO = Converter("promptfoo's YAML or JSON configuration, prompts and tests in it", _items)
