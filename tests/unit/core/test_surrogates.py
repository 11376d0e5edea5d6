"""Half a character in any text: kept, digested, written, read back; nothing changes for text that is whole."""

import hashlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from suture.core.digest import canonical_json, digest_of, digest_of_text
from suture.core.frozen import from_json_text
from suture.core.measure.attempt import Attempt, Completion, EngineIdentity, FinishReason, Request, Sampling
from suture.core.measure.verdict import Outcome, Reason, Verdict
from suture.core.surrogates import encoded, has_surrogates, joined, readable

ANY = st.text(st.characters(exclude_categories=()), max_size=20)
"""Any code points, surrogates among them (which hypothesis leaves out by itself)."""
WHOLE = st.text(max_size=20)


def attempt(text: str, prompt: str = "p") -> Attempt:
    return Attempt(
        task_id=text,
        task_digest="d",
        pack="a",
        engine=EngineIdentity(name="e", version="1", threads=1, batch=1),
        sampling=Sampling(stop=(text,)),
        prompt_digest=digest_of_text(prompt),
        completion=Completion(text=text, finish=FinishReason.STOP, prompt_tokens=1, tokens=1),
    )


@given(ANY)
@example("\ud835")
@example("\ud83d\ude00")
@example("\ude00\ud83d")
@example("a\ud835b\udfffc")
def test_any_text_is_written_in_utf8_and_read_back_the_same(text):
    value = attempt(text)
    line = value.to_json_text()
    line.encode()
    again = Attempt.from_json_text(line)
    assert again.completion == value.completion
    assert again.digest == value.digest
    assert Attempt.from_json_text(json.dumps(value.to_json())).digest == value.digest


@given(ANY)
@example("\ud83d\ude00")
def test_json_of_any_text_is_read_back_with_its_halves_joined(text):
    assert json.loads(encoded(json.dumps({"a": text}, ensure_ascii=False))) == {"a": joined(text)}
    assert digest_of({"a": text}) == digest_of(json.loads(json.dumps({"a": text})))


@given(ANY, ANY)
def test_texts_that_differ_have_digests_that_differ(one, other):
    assert (digest_of_text(one) == digest_of_text(other)) == (joined(one) == joined(other))


@given(WHOLE)
def test_nothing_changes_for_whole_text(text):
    assert digest_of_text(text) == hashlib.sha256(text.encode()).hexdigest()
    assert digest_of([text]) == hashlib.sha256(canonical_json([text]).encode()).hexdigest()
    assert (joined(text), readable(text), encoded(text)) == (text, text, text.encode())
    assert not has_surrogates(text)
    assert attempt(text).to_json_text() == attempt(text).model_dump_json()


@given(ANY)
def test_a_prompt_can_be_read_by_a_tokenizer(text):
    request = Request(prompt=text)
    request.prompt.encode()
    assert request.prompt == joined(text) or has_surrogates(joined(text))
    assert len(request.prompt) == len(joined(text))


def test_two_halves_side_by_side_are_their_character():
    assert joined("\ud83d\ude00") == "😀"
    assert joined("\ude00\ud83d") == "\ude00\ud83d"
    assert Completion(text="\ud83d\ude00", finish=FinishReason.STOP, prompt_tokens=1, tokens=1).text == "😀"
    assert readable("a\ud835\ud83d\ude00") == "a\ufffd😀"


def test_a_lone_half_is_seen_where_it_is_shown():
    assert encoded("a\ud835 é") == b"a\\ud835 \xc3\xa9"


@pytest.mark.parametrize("text", ["{", '{"outcome": "pass", "a": 1}', "[" * 100_000, '"\\ud835'])
def test_what_is_wrong_with_other_text_is_said_as_ever(text):
    with pytest.raises(ValueError, match="validation error"):
        from_json_text(Verdict, text)


def test_a_verdicts_detail_is_text_of_a_program_too():
    verdict = Verdict(outcome=Outcome.FAIL, reason=Reason.WRONG, detail="not \udfff")
    assert Verdict.from_json_text(verdict.to_json_text()) == verdict
