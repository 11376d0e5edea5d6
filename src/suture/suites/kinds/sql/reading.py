"""What a reference query says of its rows: whether they have an order, and by which keys."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from suture.core.errors import MissingTool
from suture.core.remembered import remembered
from suture.machine.installing import install_extra
from suture.suites.kinds.sql.runner import CLOCKS
from suture.suites.kinds.sql.tied import both_ways

_BLANK = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_SUBSECONDS = ("subsec", "subsecond")
"""In the place of a time they read the clock too."""
_NOW = frozenset({"current_date", "current_time", "current_timestamp"})
_QUERY = re.compile(r"(?:SELECT|WITH|VALUES)\b", re.IGNORECASE)


class Reading(NamedTuple):
    """Attributes:
    ordered: the reference orders its rows at its top level.
    keyed: the reference with its ORDER BY's keys as further columns, where ties are free and it has none of them.
    keys: places of the keys in a row of ``keyed``; None where ties are not free.
    extra: how many columns ``keyed`` has more.
    tied: ``keyed`` with what it leaves open ordered, rising and falling; see ``both_ways``.
    """

    ordered: bool
    keyed: str
    keys: tuple[int, ...] | None
    extra: int
    tied: tuple[str, str] | None = None


def is_query(text: str) -> bool:
    """Tell whether a text begins as a query does. Comments may come first."""
    return _QUERY.match(text, _end_of_blank(text)) is not None


def _end_of_blank(text: str) -> int:
    found = _BLANK.match(text)
    return 0 if found is None else found.end()


@remembered(1024)
def read_reference(query: str, *, free_ties: bool) -> Reading:
    """Raises:
    MissingTool: the package sqlglot is not installed.
    ValueError: it is not exactly one query, or its keys cannot be told.
    """
    try:
        import sqlglot
        from sqlglot import exp
        from sqlglot.errors import SqlglotError
    except ImportError:
        raise MissingTool("tasks of kind sql need the package sqlglot", mend=install_extra("sql")) from None
    if not is_query(query):
        raise ValueError("its reference is no SELECT, WITH or VALUES")
    try:
        # After the last semicolon there may be nothing, or a comment.
        found = [tree for tree in sqlglot.parse(query, read="sqlite") if not isinstance(tree, exp.Semicolon | None)]
    except RecursionError:
        raise ValueError("its reference is nested too deeply") from None
    except SqlglotError as error:
        raise ValueError(f"its reference cannot be parsed: {_where(error)}") from None
    if len(found) != 1:
        raise ValueError(f"its reference is {len(found)} statements, not one")
    if reads_clock(query):
        raise ValueError("its reference reads the clock")
    tree = found[0]
    if not isinstance(tree, exp.Query | exp.Values):
        raise ValueError("its reference is no SELECT, WITH or VALUES")  # noqa: TRY004 - its text is wrong
    order = tree.args.get("order")
    if order is None or not free_ties:
        return Reading(order is not None, query, None, 0, both_ways(tree))
    return _with_keys(query, tree, [key.this for key in order.expressions])


def reads_clock(query: str) -> bool:
    """Tell whether a query names the clock, whether or not it would come to read it: ``date('now')``, or
    ``CURRENT_DATE``. What is written in double quotes is a column."""
    import sqlglot
    from sqlglot.tokenizer_core import TokenType

    tokens = list(sqlglot.tokenize(query, read="sqlite"))
    for at, token in enumerate(tokens):
        name = token.text.lower()
        before = tokens[at - 1].token_type if at else None
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            continue
        if before in (TokenType.ALIAS, TokenType.DOT):  # a name of a column
            continue
        if name in _NOW:
            return True
        if name in CLOCKS and at + 1 < len(tokens) and tokens[at + 1].token_type is TokenType.L_PAREN:
            arguments = _arguments(tokens[at + 2 :])[CLOCKS[name] :]
            if not arguments or any(_says(one, ("now",)) for one in arguments) or _says(arguments[0], _SUBSECONDS):
                return True
    return False


def _arguments(tokens: Sequence[Any]) -> list[list[Any]]:
    """Of a call, whose opening bracket is read."""
    from sqlglot.tokenizer_core import TokenType

    found: list[list[Any]] = [[]]
    depth = 1
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if not depth:
            break
        if depth == 1 and token.token_type is TokenType.COMMA:
            found.append([])
        else:
            found[-1].append(token)
    return [one for one in found if one]


def _says(argument: Sequence[Any], words: Sequence[str]) -> bool:
    """Tell whether an argument is a text that is one of these words, and nothing else."""
    from sqlglot.tokenizer_core import TokenType

    said = [token.text.strip().lower() for token in argument]
    return len(said) == 1 and argument[0].token_type is TokenType.STRING and said[0] in words


def without_end(query: str) -> str:
    """A query that can be read without its last semicolons and what stands after them, to be put into another."""
    import sqlglot
    from sqlglot.tokenizer_core import TokenType

    tokens, end = list(sqlglot.tokenize(query, read="sqlite")), len(query)
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        end = tokens.pop().start
    return query[:end]


def _where(error: Any) -> str:
    """The place and the word there, as far as the parser says."""
    first = next(iter(getattr(error, "errors", ())), None)
    if not first or not first.get("highlight"):
        return " ".join(str(error).split())[:150]
    return f"line {first['line']}, at {first['highlight']!r}"


def _with_keys(query: str, tree: Any, keys: list[Any]) -> Reading:
    from sqlglot import exp

    columns = list(tree.selects)
    star = any(isinstance(column.this if isinstance(column, exp.Column) else column, exp.Star) for column in columns)
    names = {} if star else {column.alias_or_name.lower(): at for at, column in enumerate(columns)}
    extended = tree.copy()
    places: list[int] = []
    added: list[Any] = []
    for key in keys:
        if isinstance(key, exp.Literal) and key.is_int and not star:
            places.append(int(key.this) - 1)
        elif isinstance(key, exp.Column) and not key.table and key.name.lower() in names:
            places.append(names[key.name.lower()])
        elif isinstance(tree, exp.Select) and tree.args.get("distinct") is None and not isinstance(key, exp.Literal):
            added.append(key)
            places.append(-len(added))
        else:
            raise ValueError(f"it cannot be told which rows tie by {key.sql(dialect='sqlite')}: select it too")
    if added:
        extended = extended.select(*[key.copy() for key in added])
    # The first key added is the first of the new columns, so places from the end are turned round.
    turned = tuple(place if place >= 0 else -len(added) - 1 - place for place in places)
    keyed = extended.sql(dialect="sqlite") if added else query
    return Reading(True, keyed, turned, len(added), both_ways(extended))
