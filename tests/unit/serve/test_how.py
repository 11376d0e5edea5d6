"""What is told, beside an answer, of how it came about."""

import asyncio
from dataclasses import replace

from doors import PACK, responder
from fake_speaker import FakeSpeaker

from suture.core.digest import digest_of_text
from suture.core.measure.attempt import Sampling
from suture.core.measure.served_answer import ServedAnswer
from suture.core.measure.task import Message, fenced
from suture.serve.pack_responder import PackResponder
from suture.serve.responder import Begun, Ended, Inquiry, ServedModel


def _events(behind: PackResponder, asked: Inquiry):
    async def collect():
        return [event async for event in behind.respond(asked)]

    return asyncio.run(collect())


ASKED = Inquiry(
    model="code", messages=(Message(role="user", content="Hello."),), sampling=Sampling(temperature=0.5, seed=7)
)


def test_a_pack_alone_is_one_tier_that_says_how_it_was_asked():
    speaker = FakeSpeaker()
    events = _events(responder(speaker, form=fenced("python")), ASKED)
    begun, ended = events[0], events[-1]
    assert isinstance(begun, Begun) and isinstance(ended, Ended)
    how = ended.how
    assert how is not None and begun.how is not None and how.policy == PACK and how.fallback == ""
    tier = how.given
    assert tier is not None and (tier.pack, tier.engine, tier.accepted) == (PACK, speaker.identity, True)
    assert tier.prompt_digest == digest_of_text(str(speaker.heard[0].prompt))
    assert (tier.sampling, tier.form, tier.stop) == (ASKED.sampling, fenced("python"), fenced("python").stop)
    assert (tier.prompt_tokens, tier.tokens) == (ended.prompt_tokens, ended.tokens)
    unfinished = how.model_copy(update={"tiers": begun.how.tiers})
    assert unfinished == begun.how and begun.how.tiers[0].tokens == 0


def test_the_event_that_made_it_the_served_pack_is_told():
    behind = responder(FakeSpeaker())
    behind._served = replace(behind._served, about={"alias": "champion", "event": 12})
    ended = _events(behind, ASKED)[-1]
    assert ended.how.event == 12
    assert ServedAnswer.from_json_text(ended.how.to_json_text()) == ended.how
    assert isinstance(behind.models()[0], ServedModel)
