"""The inbox of served answers: what was asked and answered, to be judged by keyboard. What is said is a claim, which is
checked before anything is trained on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from suture.core.errors import BadFile, UnknownName, UsageError
from suture.core.json_types import is_list, is_object
from suture.core.measure.served_record import Claim, Opinion, RecordedAnswer, ServedRecord
from suture.store.home import Home
from suture.store.served_file import ServedFile, Totals, served_records, standing_claims
from suture.studio.live.forms import form_of
from suture.studio.live.library import Deciding, Library
from suture.studio.live.pages import fragment, page
from suture.studio.pages.answers import alone
from suture.studio.plain_text import MOST_SHOWN, one_line
from suture.studio.templating import rendered

NEWEST = 200
FRAGMENT = "x-fragment"
"""A header by which the page's script asks for the inbox alone."""
FILTERS = ("to judge", "all", "good", "bad", "corrected", "fallback", "cut off")


@dataclass(frozen=True)
class Item:
    """One answer of one record. ``said``: who said what of it."""

    record: ServedRecord
    choice: int
    answer: RecordedAnswer
    said: tuple[Claim, ...]

    @property
    def key(self) -> str:
        return f"{self.record.id}.{self.choice}"

    @property
    def asks(self) -> str:
        """The beginning of the last thing that was asked."""
        return one_line(_turns(self.record)[-1][1], 70) if _turns(self.record) else ""

    def fits(self, wanted: str) -> bool:
        """Whether it belongs under one of ``FILTERS``."""
        opinions = {claim.opinion.value for claim in self.said}
        if wanted == "to judge":
            return not opinions and bool(self.answer.text or self.answer.calls)
        if wanted == "fallback":
            return self.answer.how is not None and bool(self.answer.how.fallback)
        if wanted == "cut off":
            return self.answer.outcome.value != "complete" or self.answer.finish == "length"
        return wanted == "all" or wanted in opinions


class Traffic:
    def __init__(self, library: Library, deciding: Deciding) -> None:
        self._library, self._deciding = library, deciding

    def routes(self) -> list[Route]:
        return [Route("/traffic", self.inbox), Route("/traffic/mark", self.mark, methods=["POST"])]

    def inbox(self, request: Request) -> Response:
        wanted, at = request.query_params.get("show", "to judge"), request.query_params.get("id", "")
        context = self._context(wanted, at)
        if FRAGMENT in request.headers:
            return fragment(rendered("parts/inbox.html.jinja", **context))
        has_keys = self._deciding.has_keys()
        return page("screens/traffic.html.jinja", title="traffic", at="/traffic", has_keys=has_keys, **context)

    async def mark(self, request: Request) -> Response:
        given, who = await form_of(request, self._deciding)
        record, _, choice = given.get("id", "").rpartition(".")
        if given.get("opinion") not in list(Opinion) or not choice.isdigit():
            raise UsageError("say good, bad, corrected or withdrawn", mend="suture records mark ID good")
        self._deciding.mark(record, int(choice), Opinion(given["opinion"]), given.get("correction") or None, who)
        wanted = given.get("show", "to judge")
        if FRAGMENT not in request.headers:
            return RedirectResponse(_address(wanted, given.get("next", "")), status_code=303)
        return fragment(rendered("parts/inbox.html.jinja", **self._context(wanted, given.get("next", ""), who)))

    def _context(self, wanted: str, at: str, who: str = "") -> dict[str, object]:
        """``who``: whose last word can be undone from here; empty where nobody has said anything yet."""
        wanted = wanted if wanted in FILTERS else "to judge"
        try:
            items, totals, standing = self._items(at)
        except BadFile as error:
            empty: dict[str, object] = {
                "items": [],
                "filters": [],
                "one": None,
                "undo": None,
                "following": "",
                "preceding": "",
            }
            return empty | {"why": str(error), "wanted": wanted, "address": _address(wanted, "")}
        found = [item for item in items if item.fits(wanted)]
        place = next((n for n, item in enumerate(found) if item.key == at), 0)
        one = found[place] if found else None
        return {
            "why": "",
            "items": found,
            "filters": [(name, sum(item.fits(name) for item in items)) for name in FILTERS],
            "wanted": wanted,
            "one": one,
            "address": _address(wanted, one.key if one else ""),
            "undo": _last_word(items, [claim for claim in standing if claim.by == who]) if who else None,
            "following": found[place + 1].key if place + 1 < len(found) else "",
            "preceding": found[place - 1].key if place else "",
            "totals": totals,
            "turns": [] if one is None else [(role, alone(text, most=MOST_SHOWN)) for role, text in _turns(one.record)],
            "answer": Markup() if one is None else alone(_said(one.answer), most=MOST_SHOWN),
        }

    def _items(self, at: str) -> tuple[list[Item], Totals, list[Claim]]:
        """Answers, the newest first, and what stands said, the newest last. An older record is there too where the
        address names it. Raises BadFile: nothing was ever recorded here."""
        with self._library.store() as store:
            home: Home = store.home
        with served_records(home.served) as file:
            records = list(file.records(newest=NEWEST))
            wanted = at.rpartition(".")[0]
            if wanted and all(one.id != wanted for one in records):
                records = [*_one(file, wanted), *records]
            said: dict[tuple[str, int], list[Claim]] = {}
            standing = standing_claims(file.claims())
            for claim in standing:
                said.setdefault((claim.record, claim.choice), []).append(claim)
            totals = file.totals()
        return (
            [
                Item(record, choice, answer, tuple(said.get((record.id, choice), ())))
                for record in reversed(records)
                for choice, answer in enumerate(record.answers)
            ],
            totals,
            standing,
        )


def _one(file: ServedFile, record_id: str) -> list[ServedRecord]:
    try:
        return [file.record(record_id)]
    except UnknownName:
        return []


def _address(wanted: str, key: str) -> str:
    """Where the page about one answer under a filter is found."""
    return f"/traffic?show={quote(wanted)}" + (f"&id={quote(key)}" if key else "")


def _last_word(items: Sequence[Item], said: Sequence[Claim]) -> dict[str, str] | None:
    """The last of what somebody said, of the answers that are shown."""
    shown = {item.key: item for item in items}
    for claim in reversed(said):
        if (item := shown.get(f"{claim.record}.{claim.choice}")) is not None:
            return {"key": item.key, "opinion": claim.opinion.value, "asks": item.asks}
    return None


def _turns(record: ServedRecord) -> Sequence[tuple[str, str]]:
    """Role and text of what was asked, as it was redacted."""
    messages = record.request.get("messages")
    if not is_list(messages):
        return [("prompt", _plain(record.request.get("prompt", "")))]
    told = [message if is_object(message) else {} for message in messages]
    return [(str(message.get("role", "")), _plain(message.get("content") or "")) for message in told]


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _said(answer: RecordedAnswer) -> str:
    calls = "\n".join(f"{call.name}({call.arguments_text})" for call in answer.calls)
    return "\n".join(part for part in (answer.text, calls) if part)
