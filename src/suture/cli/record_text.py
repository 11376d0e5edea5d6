"""Records of what was served, as people read them."""

import json
from collections.abc import Iterator, Sequence

from suture.core.measure.served_record import Claim, RecordedAnswer, Reward, ServedRecord
from suture.core.measure.steered import Steered
from suture.studio.plain_text import marked

HEADER = ["received", "id", "model", "key", "outcome", "tokens", "seconds", "fallback", "said"]
WORTH = {1: "reward: right", 0: "undecided", -1: "penalty: wrong"}


def as_row(record: ServedRecord, claims: Sequence[Claim]) -> list[str]:
    outcomes = sorted({one.outcome.value for one in record.answers})
    tokens = sum(one.tokens for one in record.answers)
    fallback = any(one.how is not None and one.how.fallback for one in record.answers)
    seconds = f"{max(one.seconds for one in record.answers):.2f}"
    said = ", ".join(dict.fromkeys(claim.opinion.value for claim in claims)) or "-"
    who = [record.received[:19], record.id, record.model, record.key or "-"]
    cells = [*who, "+".join(outcomes), str(tokens), seconds, "yes" if fallback else "-", said]
    return [marked(cell) for cell in cells]


def as_text(record: ServedRecord, claims: Sequence[Claim], rewards: Sequence[Reward]) -> str:
    asked = f"{record.interface} {record.id}, asked {record.received} for {record.model}"
    lines = [asked + (f" with key {record.key}" if record.key else "")]
    if record.redactions:
        lines.append(f"{record.redactions} places are redacted")
    lines.append(f"request {record.request_digest[:12]}: {json.dumps(record.request, ensure_ascii=False)}")
    for choice, answer in enumerate(record.answers):
        lines.extend(_answer(choice, answer))
        lines.extend(
            f"  said    {claim.opinion.value}, by {claim.by or 'a client without a key'} at {claim.at}"
            + (f": {claim.comment}" if claim.comment else "")
            + (f"\n  wanted  {claim.correction}" if claim.correction else "")
            for claim in claims
            if claim.choice == choice
        )
        lines.extend(f"  found   {WORTH[one.value]} ({one.why})" for one in rewards if one.choice == choice)
    return marked("\n".join(lines))


def _answer(choice: int, answer: RecordedAnswer) -> Iterator[str]:
    finish = f", {answer.finish.value}" if answer.finish else ""
    first = "" if answer.first_seconds is None else f", first piece after {answer.first_seconds:.3f} s"
    yield (
        f"choice {choice}: {answer.outcome.value}{finish}, {answer.prompt_tokens} tokens read and {answer.tokens} "
        f"written in {answer.seconds:.3f} s{first}, {answer.beside} others beside it"
    )
    if answer.error is not None:
        yield f"  error   {answer.error.status} {answer.error.code}: {answer.error.message}"
    if answer.how is not None:
        how = answer.how
        via = [f"{word} {value}" for word, value in (("route", how.route), ("mode", how.mode)) if value]
        event = [] if how.event is None else [f"registry event {how.event}"]
        yield f"  by      {', '.join([answer.model, *via, f'policy {how.policy[:12]}', *event])}"
        for tier in how.tiers:
            drawn = f"temperature {tier.sampling.temperature:g}, seed {tier.sampling.seed}"
            found = "accepted" if tier.accepted else f"not accepted: {tier.finding}"
            engine = f"{tier.engine.name} {tier.engine.version}"
            yield (
                f"  tier    {tier.tier}: pack {tier.pack[:12]}, {engine}, prompt {tier.prompt_digest[:12]}, {drawn}; "
                f"{found}"
            )
        if how.fallback:
            yield f"  fallback because {how.fallback}"
        if how.steered is not None:
            yield from _steered(how.steered)
    for call in answer.calls:
        yield f"  calls   {call.name}({call.arguments_text})"
    if answer.text:
        yield "  answer  " + answer.text.replace("\n", "\n          ")


def _steered(steered: Steered) -> Iterator[str]:
    for place, one in enumerate(steered.policies):
        chosen = ", chosen" if place == steered.chosen else ""
        yield (
            f"  policy  {one.name} ({one.policy[:12]}): conductance {one.conductance:.3f}, {one.good:.1f} right and "
            f"{one.bad:.1f} wrong, asked with chance {one.share:.3f}{chosen}"
        )
    yield f"  drawn   {steered.drawn:.6f}, knowing the records up to {steered.upto}"
