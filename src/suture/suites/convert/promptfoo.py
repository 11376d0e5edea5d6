"""promptfoo's configuration: ``prompts`` times ``tests``, each test with its assertions."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suture.core.errors import BadFile
from suture.core.json_types import is_list, is_object
from suture.files.text_files import read_text
from suture.suites.convert.converter import Choices, Converter, Item, NotConverted, as_object, items_of_rows
from suture.suites.convert.openai_chat import text_of
from suture.suites.convert.promptfoo_checks import Fill, decided
from suture.suites.convert.promptfoo_files import FILE, Elsewhere, prompts_of, tests_of, text_in, value_in, yaml_of

_VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_LOGIC = re.compile(r"\{\{|\{%|\{#")
_MOST_DEPTH = 5
"""Of variables in variables, as promptfoo has it."""


def _items(path: Path, _: Choices) -> Iterator[Item]:
    """Raises BadFile: no YAML, or no prompts or tests."""
    settings = yaml_of(read_text(path, what="promptfoo configuration"), str(path))
    if not is_object(settings):
        raise BadFile(f"{path}: no promptfoo configuration")
    home = path.parent
    prompts, tests = list(prompts_of(settings.get("prompts"), home)), list(tests_of(settings.get("tests"), home))
    if settings.get("scenarios"):
        yield Item(f"{path}, scenarios", None, "scenarios are not converted")
    if not prompts or not (tests or settings.get("scenarios")):
        missing = "tests" if prompts else "prompts"
        raise BadFile(f"{path}: it has no {missing}", mend="give a configuration with prompts and tests")
    shared = _shared(settings, path)
    with_tools = _all_have_tools(settings.get("providers"))

    def convert(cell: tuple[str, str | Elsewhere, Any]) -> dict[str, Any]:
        name, prompt, test = cell
        if with_tools:
            raise NotConverted("its providers are given tools, which stand in no test")
        for part in (prompt, test):
            if isinstance(part, Elsewhere):
                raise NotConverted(part.why)
        said = as_object(test)
        values = _merged("vars", shared, said)

        def fill(template: str) -> str:
            return _filled(template, values, home)

        question = _question(str(prompt), _merged("options", shared, said), fill)
        return {"id": name, **question, **decided(said, shared, fill, home)}

    yield from items_of_rows(_cells_of(path, prompts, tests), convert)


def _shared(settings: dict[str, Any], path: Path) -> dict[str, Any]:
    """What holds for every test."""
    default: Any = settings.get("defaultTest") or {}
    if isinstance(default, str):
        try:
            default = value_in(default, path.parent)
        except NotConverted as refusal:
            raise BadFile(f"{path}: its defaultTest: {refusal}", mend="write it into the configuration") from None
    if not is_object(default):
        raise BadFile(f"{path}: its defaultTest is no object")
    return {**default, "assertionTemplates": settings.get("assertionTemplates")}


def _all_have_tools(providers: Any) -> bool:
    listed: list[Any] = providers if is_list(providers) else []
    configs = [each.get("config") for each in listed if is_object(each)]
    return bool(listed) and len(configs) == len(listed) and all(is_object(one) and _offers(one) for one in configs)


def _offers(config: dict[str, Any]) -> bool:
    return any(config.get(name) for name in ("tools", "functions", "toolConfig", "mcp"))


def _cells_of(
    path: Path, prompts: list[str | Elsewhere], tests: list[Any]
) -> Iterator[tuple[str, tuple[str, str | Elsewhere, Any]]]:
    """The place, and the id, prompt and test, of every test with every prompt."""
    for number, test in enumerate(tests, start=1):
        for at, prompt in enumerate(prompts, start=1):
            of_several = len(prompts) > 1
            place = f"{path}, test {number}" + (f", prompt {at}" if of_several else "")
            name = f"{path.stem}/{number}" + (f".{at}" if of_several else "")
            yield place, (name, prompt, test)


def _question(prompt: str, options: dict[str, Any], fill: Fill) -> dict[str, Any]:
    if "transform" in options or "postprocess" in options:
        raise NotConverted("its answer is transformed by code first")
    prompt = f"{options.get('prefix', '')}{prompt}{options.get('suffix', '')}"
    chat = _chat(prompt)
    if chat is None:
        return {"prompt": fill(prompt)}
    turns = [as_object(turn) for turn in chat]
    return {"messages": [{"role": turn["role"], "content": fill(text_of(turn["content"]))} for turn in turns]}


def _merged(name: str, default: dict[str, Any], test: dict[str, Any]) -> dict[str, Any]:
    """What holds for a test: its own values, then those of all tests.

    Raises:
        NotConverted: they stand in another file.
    """
    own: Any = test.get(name) or {}
    if not is_object(own):
        raise NotConverted(f"its {name} are no object: they stand in another file, or are several")
    return {**as_object(default.get(name) or {}), **own}


def _chat(prompt: str) -> list[Any] | None:
    """A prompt may be a chat, as JSON or YAML."""
    try:
        turns: Any = json.loads(prompt)
    except (ValueError, RecursionError):
        if not prompt.lstrip().startswith("- role:"):
            return None
        turns = yaml_of(prompt, "its prompt")
    return turns if is_list(turns) and all(is_object(turn) and "role" in turn for turn in turns) else None


def _filled(template: str, values: dict[str, Any], home: Path) -> str:
    """Raises NotConverted: a template with logic, or a variable that is missing, a list, or in no readable file."""
    if _LOGIC.search(_VARIABLE.sub("", template)):
        raise NotConverted("its prompt is a template with logic")
    return _VARIABLE.sub(lambda match: _value(match[1], values, home, 0), template)


def _value(name: str, values: dict[str, Any], home: Path, depth: int) -> str:
    """A variable's value, with the variables in it filled in."""
    found: Any = values
    for part in name.split("."):
        if not is_object(found) or part not in found:
            raise NotConverted(f"its variable {name} has no value")
        found = found[part]
    if is_list(found):
        raise NotConverted(f"its variable {name} is a list: several tests in one")
    if not isinstance(found, str):
        return json.dumps(found, ensure_ascii=False)
    if found.startswith(FILE):
        try:
            return text_in(found, home)
        except NotConverted as refusal:
            raise NotConverted(f"its variable {name}: {refusal}") from None
    if found.startswith("package:"):
        raise NotConverted(f"its variable {name}: {found} is code")
    if depth == _MOST_DEPTH:
        return found
    known = {f for f in _VARIABLE.findall(found) if f.partition(".")[0] in values}
    return _VARIABLE.sub(
        lambda match: _value(match[1], values, home, depth + 1) if match[1] in known else match[0],
        found.removesuffix("\n"),
    )


PROMPTFOO = Converter("promptfoo's YAML or JSON configuration, with the files that it names", _items)
