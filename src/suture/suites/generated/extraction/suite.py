"""Suite ``extraction``: short texts of twelve domains, and the JSON value that each determines.

Splits by template and by content: each of eight parts has a text of its own for every domain, and names, places,
products and other words that no other part uses; the splits are made of whole parts. What parts share: the schemas,
closed lists (colours, currencies, priorities, skies), and numbers, which may be equal by chance.
"""

import json
from collections.abc import Iterator

from suture.core.measure.checks.json import JsonCheck
from suture.core.measure.task import Message, Task, fenced
from suture.suites.generated.choice import Choices
from suture.suites.generated.extraction.domain import Content, Domain
from suture.suites.generated.extraction.orders import INVOICE, LISTING, ORDER, PARCEL
from suture.suites.generated.extraction.people import APPOINTMENT, CONTACT, JOB, TICKET
from suture.suites.generated.extraction.places import BOOKING, FLIGHT, RECIPE, WEATHER
from suture.suites.generated.parts import PARTS, SPLITS, group_of

NAME = "extraction"
SEED = 1
DOMAINS = (
    ORDER, INVOICE, LISTING, PARCEL, CONTACT, APPOINTMENT, TICKET, JOB, WEATHER, RECIPE, FLIGHT, BOOKING,
)  # fmt: skip
RECORDS_OF_A_TEXT = 8
INSTRUCTION = "Extract JSON from the text. It must fit this schema:\n{schema}\n\nText:\n{text}"


def load_extraction(*, seed: int = SEED) -> tuple[Task, ...]:
    """768 tasks: 480 ``train``, 96 ``validation``, 192 ``test``. Equal seeds give equal tasks, byte for byte."""
    return tuple(_tasks(seed))


def _tasks(seed: int) -> Iterator[Task]:
    number = 0
    for part in range(PARTS):
        content = Content(part)
        for domain in DOMAINS:
            choices = Choices(NAME, seed, part, domain.name)
            said: set[str] = set()
            while len(said) < RECORDS_OF_A_TEXT:
                record = domain.record(choices, content)
                text = domain.texts[part].format_map(record.words)
                if text not in said:
                    said.add(text)
                    yield _task(domain, text, json.dumps(record.value), number=number, part=part, seed=seed)
                    number += 1


def _task(domain: Domain, text: str, value: str, *, number: int, part: int, seed: int) -> Task:
    schema = json.dumps(domain.schema, separators=(",", ":"))
    return Task(
        id=f"{NAME}/{number}",
        suite=NAME,
        messages=(Message(role="user", content=INSTRUCTION.format(schema=schema, text=text)),),
        form=fenced("json"),
        check=JsonCheck(equals_text=value, schema_text=schema),
        reference=value,
        official_split=SPLITS[part],
        origin=f"generated, seed {seed}",
        licence="CC0-1.0",
        groups=(group_of(part),),
        tags=(NAME, f"{NAME}:{domain.name}"),
    )
