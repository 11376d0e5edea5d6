"""``suture records list|show|verify|export|mark``."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from suture.cli.options import Common, require_no_directory
from suture.cli.output import emit, say, table
from suture.cli.record_text import HEADER, as_row, as_text
from suture.cli.verbs.promote import WHO_HELP
from suture.core.errors import ExitCode, UsageError
from suture.core.measure.carried import carried_by_records
from suture.core.measure.served_record import Claim, Opinion, ServedRecord
from suture.files.atomic import whole_file
from suture.files.text_files import read_text
from suture.serve.otel import spans_line
from suture.store.clock import now
from suture.store.home import Home
from suture.store.registry import user_name
from suture.store.served_file import ServedFile, served_records, standing_claims
from suture.store.verify_served import verify_served

records_app = App(name="records", help="Look at what was served, check it, take it elsewhere, say what it was worth.")

ID_HELP = "The completion's id, as its body and the header x-suture-record have it."
MODEL_HELP = "Only of answers that were asked under this name."
SINCE_HELP = "Only from this day or time on, in ISO 8601 and UTC: 2026-11-27."


@records_app.command(name="list")
def list_records(
    *,
    model: Annotated[str | None, Parameter(help=MODEL_HELP)] = None,
    since: Annotated[str, Parameter(help=SINCE_HELP)] = "",
    newest: Annotated[int, Parameter(help="How many, counted from the end; 0 for all.")] = 20,
    marked: Annotated[bool, Parameter(negative="", help="Only those that somebody said something of.")] = False,
    common: Common | None = None,
) -> int:
    """List what was answered, oldest first, with what was said of it.

    Example: suture records list --model code --newest 50
    """
    common = common or Common()
    with served_records(Home(common.home).served) as file:
        claims: dict[str, list[Claim]] = {}
        for claim in standing_claims(file.claims()):
            claims.setdefault(claim.record, []).append(claim)
        found = [
            one
            for one in file.records(model=model, since=since, newest=None if marked else newest or None)
            if one.id in claims or not marked
        ]
        found = found[-newest:] if newest else found
        totals = file.totals()
        carried = carried_by_records(found, file.rewards())
    rows = [as_row(one, claims.get(one.id, [])) for one in found]
    text = [table(HEADER, rows, words=True) if rows else "no such records"]
    text.append(
        f"{totals.answers} answers in {totals.records} records, {totals.gap_answers} counted in gaps, "
        f"{totals.removed_answers + totals.removed_gap_answers} removed"
    )
    text += [f"of those listed: {carried.says}"] if found else []
    shown = [dict(zip(HEADER, row, strict=True)) for row in rows]
    told = {"records": shown, "totals": totals._asdict(), "carried": carried.to_json()}
    emit(told, "\n".join(text), as_json=common.json)
    return 0


@records_app.command
def show(record_id: Annotated[str, Parameter(help=ID_HELP)], /, *, common: Common | None = None) -> int:
    """Show one record: what was asked, what was answered, how it came about, and what was said and found of it.

    Example: suture records show chatcmpl-019f
    """
    common = common or Common()
    with served_records(Home(common.home).served) as file:
        record = file.record(record_id)
        claims, rewards = file.claims(record.id), file.rewards(record.id)
    emit(_whole(record, claims, rewards), as_text(record, claims, rewards), as_json=common.json)
    return 0


@records_app.command
def verify(
    *,
    head: Annotated[str | None, Parameter(help="A head that was written down earlier: was the past rewritten?")] = None,
    common: Common | None = None,
) -> int:
    """Compute the hash of every record again, and count answers, gaps and what was removed.

    Exit code: 0 all is as it was recorded, 3 something is not.

    Example: suture records verify
    """
    common = common or Common()
    path = Home(common.home).served
    with served_records(path) as file:
        totals = file.totals()
    checked = verify_served(path, remembered=head)
    lines = [f"TOUCHED  {damage.where}: {damage.found}" for damage in checked.damage]
    lines.append(f"{checked.records} rows checked, {len(checked.damage)} touched")
    lines.append(
        f"{totals.answers} answers in {totals.records} records, {totals.gap_answers} counted in gaps, "
        f"{totals.removed_answers} removed with their records, {totals.removed_gap_answers} with their gaps"
    )
    lines.append(f"head {checked.head}")
    damage = [{"where": one.where, "found": one.found} for one in checked.damage]
    result = {"holds": not damage, "damage": damage, "rows": checked.records, "head": checked.head}
    emit(result | {"totals": totals._asdict()}, "\n".join(lines), as_json=common.json)
    return int(ExitCode.HELD if damage else ExitCode.DONE)


@records_app.command
def export(
    *,
    out: Annotated[Path | None, Parameter(help="A file; default stdout.")] = None,
    format: Annotated[
        Literal["jsonl", "otel"],
        Parameter(help="jsonl: whole records. otel: OTLP JSON in OpenTelemetry's GenAI names, a line a record."),
    ] = "jsonl",
    model: Annotated[str | None, Parameter(help=MODEL_HELP)] = None,
    since: Annotated[str, Parameter(help=SINCE_HELP)] = "",
    common: Common | None = None,
) -> int:
    """Write records for other programs, one JSON object a line.

    Example: suture records export --out served.jsonl

    Example: suture records export --format otel --out spans.jsonl
    """
    common = common or Common()
    with served_records(Home(common.home).served) as file:
        lines = _lines(file, format, model, since)
        if out is None:
            for line in lines:
                emit(line, "", as_json=True)
            return 0
        require_no_directory(out)
        count = 0
        with whole_file(out) as partial, partial.open("w", encoding="utf-8") as written:
            for line in lines:
                written.write(json.dumps(line, ensure_ascii=True) + "\n")
                count += 1
    emit({"out": str(out), "records": count}, f"{count} records in {out}", as_json=common.json)
    return 0


@records_app.command
def mark(
    record_id: Annotated[str, Parameter(help=ID_HELP)],
    opinion: Annotated[
        Literal["good", "bad", "withdrawn"],
        Parameter(help="What you think of the answer; withdrawn takes back what you said last."),
    ],
    /,
    *,
    index: Annotated[int, Parameter(help="Which of its choices, where there are several.")] = 0,
    correction: Annotated[Path | None, Parameter(help="A file with what the answer should have been.")] = None,
    comment: Annotated[str, Parameter(help="For people.")] = "",
    by: Annotated[str | None, Parameter(help=WHO_HELP)] = None,
    common: Common | None = None,
) -> int:
    """Say what an answer was worth: a claim, which is checked before anything is trained on.

    Example: suture records mark chatcmpl-019f bad --correction right.py

    Example: suture records mark chatcmpl-019f withdrawn
    """
    common = common or Common()
    if correction is not None and opinion != "bad":
        raise UsageError(
            f"{opinion} comes without a correction", mend=f"suture records mark {record_id} bad --correction F"
        )
    path = Home(common.home).served
    with served_records(path) as reading:
        record = reading.record(record_id)
    claim = Claim(
        record=record.id,
        choice=index,
        opinion=Opinion.CORRECTED if correction else Opinion(opinion),
        by=by or user_name(),
        at=now(),
        correction=None if correction is None else read_text(correction, what="correction"),
        comment=comment,
    )
    with closing(ServedFile(path)) as file, file.transaction():
        file.add_claim(claim)
    say(f"{record.id}, choice {index}: {claim.opinion.value}, says {claim.by}")
    if common.json:
        emit(claim.to_json(), "", as_json=True)
    return 0


def _lines(file: ServedFile, form: str, model: str | None, since: str) -> Iterator[dict[str, Any]]:
    for record in file.records(model=model, since=since):
        claims, rewards = file.claims(record.id), file.rewards(record.id)
        yield (
            spans_line(record, standing_claims(claims), rewards) if form == "otel" else _whole(record, claims, rewards)
        )


def _whole(record: ServedRecord, claims: list[Any], rewards: list[Any]) -> dict[str, Any]:
    said = {"claims": [one.to_json() for one in claims], "rewards": [one.to_json() for one in rewards]}
    return record.to_json() | said
