"""Runs queries in SQLite. This source is loaded in the judge's sandbox, so it imports the standard library alone.

A query is data. It may read the database that its task sets up and nothing else: an authorizer refuses all but reading,
and also chance and the clock, since a verdict must be the same on every run.
"""

import re
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

OPS = 1_000
"""Steps of SQLite's machine between two looks at how many there were."""
MOST_TICKS = 20_000
ROOM = 50
"""A query may take this many times the reference's steps, or ``MOST_TICKS`` looks where that is more."""
TIES = "suture_ties"
"""In a query's ORDER BY: all its columns."""
MOST_LENGTH = 16_000_000
ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE)
WRITING = (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)
UNPARSED = re.compile(
    r'near ".*": syntax error|incomplete input|unrecognized token: .*|unknown (or unsupported )?join type: .*'
    r"|(LIMIT|ORDER BY) clause should come after .*|.*one statement at a time.*|.*null character.*",
    re.DOTALL,
)
"""What SQLite's parser, and Python's module around it, say of a text that is not one statement."""
REFUSED = frozenset(
    (
        "random", "randomblob", "load_extension", "current_date", "current_time", "current_timestamp", "sqlite_log",
        "sqlite_version", "sqlite_source_id", "sqlite_compileoption_get", "sqlite_compileoption_used", "fts3_tokenizer",
    )
)  # fmt: skip
CLOCKS = {"date": 0, "time": 0, "datetime": 0, "julianday": 0, "unixepoch": 0, "strftime": 1, "timediff": 0}
"""Functions that can read the clock, and how many arguments they have before the time."""


class NoQuery(Exception):
    """The answer cannot be run to its end."""


def run(job: dict[str, Any], query: str) -> list[Any]:
    """What the reference with its keys gives, and what the query gives, each as ``[columns, rows]``.

    For a ``trial``: what the reference gives, the same with its keys, that with tables filled in another order, and
    that with what it leaves open ordered in both directions, where it could be written so.
    """
    database = opened(job["setup"])
    if job["trial"]:
        other = opened(job["setup"])
        refill(other)
        runs = [(database, job["reference"]), (database, job["keyed"]), (other, job["keyed"])]
        results = [rows_of(one, sql, None, None) for one, sql in runs]
        columns, _, ticks = results[1]
        tied = in_both_directions(database, job["tied"] or (), columns, max(MOST_TICKS, ROOM * ticks))
        return [*(list(result[:2]) for result in results), *tied]
    columns, rows, ticks = rows_of(database, job["keyed"], None, None)
    found = rows_of(database, query, len(rows) + 1, max(MOST_TICKS, ROOM * ticks))
    return [[columns, rows], list(found[:2])]


def in_both_directions(database: sqlite3.Connection, queries: Sequence[str], width: int, most_ticks: int) -> list[Any]:
    """Two results of so many columns, or none where the queries cannot run in so many ticks: one that has no end of
    its own, or that could not be rewritten, is not ordered."""
    found: list[Any] = []
    for query, falling in zip(queries, ("", " DESC"), strict=False):
        keys = ", ".join(f"{place} COLLATE BINARY{falling}" for place in range(1, width + 1))
        try:
            columns, rows, _ = rows_of(database, query.replace(TIES, keys), None, most_ticks)
        except (sqlite3.Error, SyntaxError, NoQuery):
            return []
        found.append([columns, rows])
    return found


def readable(text: bytes) -> str:
    """Bytes that are no UTF-8 are kept, so that two different texts stay different."""
    return text.decode("utf-8", "surrogateescape")


def opened(setup: str) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.text_factory = readable
    try:
        database.executescript(setup)
    except sqlite3.Error as error:
        raise type(error)(f"in `setup`, which is SQL: {error}") from None
    if database.in_transaction:
        database.commit()
    return database


def rows_of(
    database: sqlite3.Connection, query: str, most_rows: int | None, most_ticks: int | None
) -> tuple[int, list[list[Any]], int]:
    """Number of columns, the first rows, and how often SQLite's steps were counted.

    Raises:
        SyntaxError: it is not one query.
        NoQuery: it reads the clock, or does not come to an end.
    """
    ticks = 0
    asked: list[str] = []
    written: list[int] = []

    def count() -> bool:
        nonlocal ticks
        ticks += 1
        return most_ticks is not None and ticks > most_ticks

    database.set_authorizer(None)
    stop_clocks(database, asked)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_LENGTH)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.set_authorizer(reading_only(written))
    database.set_progress_handler(count, OPS)
    try:
        cursor = database.execute(query.rstrip("; \t\r\n"))
        if cursor.description is None:
            raise SyntaxError("it is no query")
        rows = cursor.fetchall() if most_rows is None else cursor.fetchmany(most_rows)
        return len(cursor.description), [list(row) for row in rows], ticks
    except UnicodeEncodeError:
        raise SyntaxError("it holds half a surrogate") from None
    except sqlite3.Error as error:
        if asked:
            raise NoQuery("it reads the clock") from None
        if written:
            raise SyntaxError("it writes, and is no query") from None
        if str(error) == "interrupted":
            raise NoQuery("it does not come to an end") from None
        if UNPARSED.fullmatch(str(error)):
            raise SyntaxError(str(error)) from None
        raise
    finally:
        database.set_progress_handler(None, OPS)
        database.set_authorizer(None)


def reading_only(written: list[int]) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    """An authorizer of all that only reads; ``written`` is told what would have written to a table of the database."""

    def authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action in WRITING and first != "sqlite_master":  # SQLite itself writes there, to open a virtual table
            written.append(action)
        if action in ALLOWED:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and str(second).lower() not in REFUSED:
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    return authorize


def stop_clocks(database: sqlite3.Connection, asked: list[str]) -> None:
    """Put in the place of SQLite's functions some that compute the same but never read the clock; ``asked`` says so."""
    plain = sqlite3.connect(":memory:")
    for name, before in CLOCKS.items():
        try:
            plain.execute(f"SELECT {name}({', '.join(['0'] * (before + 1))})")
        except sqlite3.OperationalError as error:
            if "no such function" in str(error):
                continue

        def call(*arguments: Any, name: str = name, before: int = before) -> Any:
            times = [as_text(value) for value in arguments[before:]]
            if not times or "now" in times or times[0] in ("subsec", "subsecond"):
                asked.append(name)
                raise NoQuery("it reads the clock")
            marks = ", ".join("?" * len(arguments))
            return plain.execute(f"SELECT {name}({marks})", arguments).fetchone()[0]

        database.create_function(name, -1, call, deterministic=True)


def as_text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text.partition("\0")[0].strip().lower()


def refill(database: sqlite3.Connection) -> None:
    """Make every table anew without its keys, its rows in the reverse order: what a query leaves open then shows."""
    database.execute("PRAGMA foreign_keys = OFF")
    database.execute("PRAGMA legacy_alter_table = ON")
    tables = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL").fetchall()
    virtual = [name for name, sql in tables if sql.upper().split()[:2] == ["CREATE", "VIRTUAL"]]
    for name, _ in tables:
        if not name.lower().startswith("sqlite_") and not any(
            name == one or name.startswith(one + "_") for one in virtual
        ):
            refill_table(database, name)


def refill_table(database: sqlite3.Connection, name: str) -> None:
    table, copy = quoted(name), quoted("suture_" + name)
    found = database.execute(f"PRAGMA table_xinfo({table})").fetchall()
    columns = [(column[1], column[2]) for column in found if column[6] != 1]
    names = ", ".join(quoted(column) for column, _ in columns)
    index = quoted("suture_index_" + name)
    database.execute(f"CREATE INDEX {index} ON {table} ({names})")
    collations = [row[4] for row in database.execute(f"PRAGMA index_xinfo({index})").fetchall()][: len(columns)]
    database.execute(f"DROP INDEX {index}")
    pairs = zip(columns, collations, strict=True)
    made = ", ".join(f"{quoted(column)} {declared} COLLATE {collation}" for (column, declared), collation in pairs)
    database.execute(f"CREATE TABLE {copy} ({made})")
    order = reverse_order(database, table, found)
    database.execute(f"INSERT INTO {copy} SELECT {names} FROM {table} ORDER BY {order}")  # noqa: S608 - quoted names
    database.execute(f"DROP TABLE {table}")
    database.execute(f"ALTER TABLE {copy} RENAME TO {table}")


def reverse_order(database: sqlite3.Connection, table: str, found: list[Any]) -> str:
    """By row number; a table without them has a key."""
    taken = {column[1].lower() for column in found}
    number = next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), None)
    if number is not None:
        try:
            database.execute(f"SELECT {number} FROM {table} LIMIT 0")  # noqa: S608 - a quoted name
        except sqlite3.OperationalError:
            pass
        else:
            return f"{number} DESC"
    keys = sorted((column[5], column[1]) for column in found if column[5])
    return ", ".join(f"{quoted(column)} DESC" for _, column in keys) or "1"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
