"""Which chat template of a Hugging Face directory counts: the one transformers takes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suture.core.digest import digest_of_text
from suture.core.errors import BadFile, UsageError
from suture.core.json_types import is_list, is_object
from suture.core.measure.chat import why_no_template
from suture.core.model.base import TemplateChoice

TEMPLATE_FILE = "chat_template.jinja"
TEMPLATE_FOLDER = "additional_chat_templates"
_LEGACY = "chat_template.json"
_DEFAULT = "default"


def template_files(directory: Path) -> list[Path]:
    """Every file that holds nothing but a template."""
    own, folder = directory / TEMPLATE_FILE, directory / TEMPLATE_FOLDER
    return [*([own] if own.is_file() else []), *(sorted(folder.glob("*.jinja")) if folder.is_dir() else [])]


def choose_template(directory: Path, tokenizer_config: Mapping[str, Any]) -> tuple[str, TemplateChoice]:
    """The template's source, and where it was found.

    transformers reads ``chat_template.jinja`` and the folder ``additional_chat_templates``; only where there are none
    does ``chat_template`` in ``tokenizer_config.json`` count. Of several named ones it renders ``default``.

    Raises:
        BadFile: a template that is no text.
        UsageError: none at all, or several of which none is the default.
    """
    filed = {_DEFAULT if file.name == TEMPLATE_FILE else file.stem: file for file in template_files(directory)}
    stated = _stated(directory, tokenizer_config.get("chat_template"))
    places = {name: str(file.relative_to(directory)) for name, file in filed.items()}
    others = {f"tokenizer_config.json ({name})": text for name, text in stated.items()}
    if filed:
        templates, passed_over = {name: _text(file) for name, file in filed.items()}, list(others)
    else:
        templates, passed_over = stated, []
        places = dict.fromkeys(stated, "tokenizer_config.json")
    source = templates.get(_DEFAULT, "")
    if templates and _DEFAULT not in templates:
        raise UsageError(
            f"{directory} has chat templates called {', '.join(templates)}, and none is the default",
            mend=f"copy the one that chats are to be rendered with to {directory / TEMPLATE_FILE}",
        )
    if not source:
        elsewhere = f" ({_LEGACY} is no tokenizer's)" if (directory / _LEGACY).is_file() else ""
        raise UsageError(
            f"{directory} has no chat template: no {TEMPLATE_FILE}, and none in tokenizer_config.json{elsewhere}",
            mend=f"put the model's own template into {directory / TEMPLATE_FILE}, or use an instruct model",
        )
    if (said := why_no_template(source)) is not None:
        raise UsageError(
            f"{directory / places[_DEFAULT]}: its chat template is no Jinja: {said}", mend="download it again"
        )
    passed_over += [f"{places[name]} ({name})" for name in templates if name != _DEFAULT]
    return source, TemplateChoice(file=places[_DEFAULT], sha256=digest_of_text(source), passed_over=tuple(passed_over))


def _stated(directory: Path, value: Any) -> dict[str, str]:
    """transformers 4 kept one template, or a list of named ones."""
    if is_list(value) and all(is_object(one) for one in value):
        value = {str(one.get("name")): one.get("template") for one in value}
    named: dict[str, Any] = value if is_object(value) else {} if value is None else {_DEFAULT: value}
    if not all(isinstance(text, str) for text in named.values()):
        raise BadFile(f"{directory / 'tokenizer_config.json'}: chat_template is no text", mend="correct it")
    return named


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise BadFile(f"{file} cannot be read as a chat template: {error}", mend="save it as UTF-8") from None
