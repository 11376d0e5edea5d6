"""What was asked of served models, as questions to rehearse: the base is asked anew, and nothing served is believed."""

from pathlib import Path
from typing import Any

from suture.core.digest import digest_of_text
from suture.core.errors import BadFile, UsageError
from suture.core.teach.harvest_settings import HarvestSettings
from suture.files.small_files import write_text
from suture.store.served_file import served_records
from suture.store.store import Store
from suture.suites.own_rows import as_lines
from suture.suites.questions import SERVED
from suture.wiring.served_chat import Chat, chat_of


def with_served_questions(store: Store, settings: HarvestSettings) -> HarvestSettings:
    """The settings with ``served`` replaced by a file of the store that holds what was asked, each question once.

    Raises:
        BadFile: nothing was ever served here.
        UsageError: no chat among the records can be asked again.
    """
    if SERVED not in settings.rehearse_from:
        return settings
    rows = served_questions(store)
    path = _written(store, as_lines(rows))
    named = (str(path) if source == SERVED else source for source in settings.rehearse_from)
    return settings.model_copy(update={"rehearse_from": tuple(named)})


def served_questions(store: Store) -> list[dict[str, Any]]:
    """Make rows of what was asked in chats, oldest first and each once. A question to which somebody called an answer
    wrong is left out: the base may say the same.

    Raises:
        BadFile: nothing was ever served here.
        UsageError: no chat among the records can be asked again.
    """
    if not store.home.served.exists():
        raise BadFile(f"no records here ({store.home.served})", mend="suture serve MODEL")
    with served_records(store.home.served) as file:
        blamed = file.blamed()
        rows: dict[str, dict[str, Any]] = {}
        wrong: set[str] = set()
        for record in file.records():
            asked = chat_of(record)
            if asked is None:
                continue
            key = asked.key
            rows.setdefault(key, {"id": f"{SERVED}/{record.id}", **_row(asked), "origin": "served.db"})
            wrong |= {key} if record.id in blamed else set()
    found = [row for key, row in rows.items() if key not in wrong]
    if not found:
        raise UsageError("harvest.rehearse_from: served: no chat among the records can be asked again")
    return found


def _row(asked: Chat) -> dict[str, Any]:
    row: dict[str, Any] = {"messages": [turn.to_json() for turn in asked.messages]}
    return row | ({"tools": [tool.to_json() for tool in asked.tools]} if asked.tools else {})


def _written(store: Store, text: str) -> Path:
    path = store.home.served_questions(digest_of_text(text))
    path.parent.mkdir(parents=True, exist_ok=True)
    store.ledger.keep_files({store.home.relative(path): write_text(path, text)})
    return path
