"""Kinds of broken JSON that have one right answer: what was meant can be read off, whatever else is lost.

Left out because they have none: NaN and infinity, a text that was cut off, a key that is there twice, a quote that is
missing at the end of a text (where did it end?), and numbers with leading zeros (a number, or a code?).
"""

from collections.abc import Callable, Mapping, Sequence

from suture.suites.generated.choice import Choices
from suture.suites.generated.json_repair.tokens import Role, Token

Tokens = list[Token]
Breakage = Callable[[Tokens, Choices], Tokens | None]
"""Breaks a document; None where it has nothing to break in this way."""
_PYTHON = {"true": "True", "false": "False", "null": "None"}


def _at(tokens: Tokens, choices: Choices, fits: Callable[[int, Token], bool]) -> int | None:
    places = [at for at, token in enumerate(tokens) if fits(at, token)]
    return choices.pick(places) if places else None


def _changed(tokens: Tokens, at: int | None, *instead: Token) -> Tokens | None:
    return None if at is None else [*tokens[:at], *instead, *tokens[at + 1 :]]


def _everywhere(tokens: Tokens, role: Sequence[Role], change: Callable[[str], str]) -> Tokens | None:
    after = [token._replace(text=change(token.text)) if token.role in role else token for token in tokens]
    return None if after == tokens else after


def _one(role: Role, change: Callable[[str], str], *, inside: str = "{[") -> Breakage:
    """Changes one token of a role, where that changes anything."""

    def broken(tokens: Tokens, choices: Choices) -> Tokens | None:
        at = _at(tokens, choices, lambda _, t: t.role is role and t.inside in inside and change(t.text) != t.text)
        return None if at is None else _changed(tokens, at, tokens[at]._replace(text=change(tokens[at].text)))

    return broken


def _trailing_comma(tokens: Tokens, choices: Choices) -> Tokens | None:
    at = _at(tokens, choices, lambda _, t: t.role is Role.CLOSE)
    if at is None:
        return None
    before = at - 1 if tokens[at - 1].role is Role.BLANK else at
    return [*tokens[:before], Token(Role.COMMA, ","), *tokens[before:]]


def _comment(tokens: Tokens, choices: Choices) -> Tokens | None:
    at = _at(tokens, choices, lambda _, t: t.role is Role.COMMA)
    if at is None:
        return None
    word = choices.pick(("checked", "see below", "old value", "required", "to do", "from the form"))
    lines = "\n" in tokens[at + 1].text
    said = choices.pick((f" // {word}", f" # {word}", f" /* {word} */")) if lines else f" /* {word} */"
    return _changed(tokens, at, tokens[at], Token(Role.BLANK, said))


def _unclosed_list(tokens: Tokens, choices: Choices) -> Tokens | None:
    """Before the next key of the object around it: a list has no keys, so it must have ended."""
    return _changed(
        tokens,
        _at(tokens, choices, lambda at, t: t.text == "]" and t.inside == "{" and tokens[at + 1].role is Role.COMMA),
    )


def _wrong_bracket(tokens: Tokens, choices: Choices) -> Tokens | None:
    at = _at(tokens, choices, lambda _, t: t.role is Role.CLOSE)
    return None if at is None else _changed(tokens, at, Token(Role.CLOSE, "}" if tokens[at].text == "]" else "]"))


def _extra_bracket(tokens: Tokens, choices: Choices) -> Tokens:
    return [*tokens, Token(Role.CLOSE, choices.pick(("}", "]")))]


def _without_braces(tokens: Tokens, choices: Choices) -> Tokens:
    return tokens[1:-1]


def _text_around(tokens: Tokens, choices: Choices) -> Tokens:
    before = choices.pick(("Here is the record:\n", "Sure! The JSON is: ", "Result =\n", "The answer: "))
    after = choices.pick(("", "\nI hope this helps.", "\nEnd of record.", " (that is all)"))
    return [Token(Role.BLANK, before), *tokens, Token(Role.BLANK, after)]


def _literals(tokens: Tokens, choices: Choices) -> Tokens | None:
    change = choices.pick((_PYTHON.__getitem__, str.upper))
    return _everywhere(tokens, (Role.LITERAL,), change)


def _number_form(tokens: Tokens, choices: Choices) -> Tokens | None:
    whole = choices.pick(("+{}", "{}."))
    return _one(Role.NUMBER, lambda text: f"+{text}" if "." in text else whole.format(text))(tokens, choices)


def _single_quoted(text: str) -> str:
    return "'" + text[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def _is_word(text: str) -> bool:
    return text[1:-1].isalpha() and text[1:-1].lower() not in _PYTHON


BREAKAGES: Mapping[str, Breakage] = {
    "trailing-comma": _trailing_comma,
    "missing-comma": _one(Role.COMMA, lambda _: ""),
    "double-comma": _one(Role.COMMA, lambda _: ",,", inside="{"),
    "semicolons": lambda tokens, _: _everywhere(tokens, (Role.COMMA,), lambda _: ";"),
    "missing-colon": _one(Role.COLON, lambda _: ""),
    "equals-signs": lambda tokens, _: _everywhere(tokens, (Role.COLON,), lambda _: " ="),
    "single-quotes": lambda tokens, _: _everywhere(tokens, (Role.KEY, Role.STRING), _single_quoted),
    "curly-quotes": lambda tokens, _: _everywhere(tokens, (Role.KEY, Role.STRING), lambda text: f"“{text[1:-1]}”"),
    "bare-keys": lambda tokens, _: _everywhere(tokens, (Role.KEY,), lambda text: text[1:-1]),
    "bare-value": _one(Role.STRING, lambda text: text[1:-1] if _is_word(text) else text),
    "key-without-opening-quote": _one(Role.KEY, lambda text: text[1:]),
    "key-without-closing-quote": _one(Role.KEY, lambda text: text[:-1]),
    "text-without-opening-quote": _one(Role.STRING, lambda text: text if "\\" in text else text[1:]),
    "inner-quotes": lambda tokens, _: _everywhere(tokens, (Role.STRING,), lambda text: text.replace('\\"', '"')),
    "needless-escape": lambda tokens, _: _everywhere(tokens, (Role.STRING,), lambda text: text.replace("'", "\\'")),
    "raw-newline": lambda tokens, _: _everywhere(tokens, (Role.STRING,), lambda text: text.replace("\\n", "\n")),
    "literals": _literals,
    "number-form": _number_form,
    "comment": _comment,
    "unclosed-list": _unclosed_list,
    "wrong-bracket": _wrong_bracket,
    "extra-bracket": _extra_bracket,
    "without-braces": _without_braces,
    "text-around": _text_around,
}
