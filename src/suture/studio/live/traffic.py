"""The inbox of served answers: what was asked and answered, to be judged by keyboard. What is said is a claim, which is
checked before anything is trained on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from suture.core.errors import BadFile, UsageError
from suture.core.json_types import is_list, is_object
from suture.core.measure.served_record import Claim, Opinion, RecordedAnswer, ServedRecord
from suture.store.home import Home
from suture.store.served_file import Totals, served_records, standing_claims
from suture.studio.live.forms import form_of
from suture.studio.live.library import Deciding, Library
from suture.studio.live.pages import fragment, page
from suture.studio.pages.answers import alone
from suture.studio.plain_text import MOST_SHOWN, one_line
from suture.studio.templating import rendered

NEWEST = 200
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
        return page(
            "screens/traffic.html.jinja",
            title="traffic",
            at="/traffic",
            has_keys=self._deciding.has_keys(),
            **self._context(wanted, at),
        )

    async def mark(self, request: Request) -> Response:
        given, who = await form_of(request, self._deciding)
        record, _, choice = given.get("id", "").rpartition(".")
        if given.get("opinion") not in list(Opinion) or not choice.isdigit():
            raise UsageError("say good, bad, or corrected", mend="suture records mark ID good")
        self._deciding.mark(record, int(choice), Opinion(given["opinion"]), given.get("correction") or None, who)
        wanted = given.get("show", "to judge")
        return fragment(rendered("parts/inbox.html.jinja", **self._context(wanted, given.get("next", ""))))

    def _context(self, wanted: str, at: str) -> dict[str, object]:
        wanted = wanted if wanted in FILTERS else "to judge"
        try:
            items, totals = self._items()
        except BadFile as error:
            return {"why": str(error), "items": [], "filters": [], "wanted": wanted, "one": None, "following": ""}
        found = [item for item in items if item.fits(wanted)]
        place = next((n for n, item in enumerate(found) if item.key == at), 0)
        one = found[place] if found else None
        return {
            "why": "",
            "items": found,
            "filters": [(name, sum(item.fits(name) for item in items)) for name in FILTERS],
            "wanted": wanted,
            "one": one,
            "following": found[place + 1].key if place + 1 < len(found) else "",
            "totals": totals,
            "turns": [] if one is None else [(role, alone(text, most=MOST_SHOWN)) for role, text in _turns(one.record)],
            "answer": Markup() if one is None else alone(_said(one.answer), most=MOST_SHOWN),
        }

    def _items(self) -> tuple[list[Item], Totals]:
        """The newest first. Raises BadFile: nothing was ever recorded here."""
        with self._library.store() as store:
            home: Home = store.home
        with served_records(home.served) as file:
            records = list(file.records(newest=NEWEST))
            said: dict[tuple[str, int], list[Claim]] = {}
            for claim in standing_claims(file.claims()):
                said.setdefault((claim.record, claim.choice), []).append(claim)
            totals = file.totals()
        return [
            Item(record, choice, answer, tuple(said.get((record.id, choice), ())))
            for record in reversed(records)
            for choice, answer in enumerate(record.answers)
        ], totals


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
