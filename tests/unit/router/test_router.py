"""Which route a prompt takes: rules first, then a classifier; and what makes no difference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from routers import classifier_of

from suture.core.errors import BadFile
from suture.core.measure.task import Message
from suture.router.classifier import read_classifier, write_classifier
from suture.router.everyday import everyday_questions, spelled_out
from suture.router.grams import BUCKETS, features
from suture.router.plain import MOST, plain
from suture.router.router import Router
from suture.router.rules import Rule
from suture.router.seen import Seen, seen_in
from suture.router.written import WrittenRoutes

ROUTER = Router(
    {"tools": [Rule(has="tools")], "sql": [Rule(contains="create table"), Rule(fence="sql")], "code": []},
    classifier_of({"code": "function python", "sql": "query rows"}),
)


@pytest.mark.parametrize(
    ("rule", "seen", "holds"),
    [
        (Rule(contains="create table"), Seen("CREATE  TABLE t (a);"), True),
        (Rule(contains="create table"), Seen("create a table"), False),
        (Rule(contains="sql"), Seen("In SQL, please."), True),
        (Rule(contains="sql"), Seen("mysqldump"), False),
        (Rule(starts_with="select"), Seen("  Please SELECT a"), True),
        (Rule(starts_with="select"), Seen("do not select"), False),
        (Rule(starts_with="select"), Seen("selection"), False),
        (Rule(has="tools"), Seen("", tools=True), True),
        (Rule(has="schema"), Seen("", tools=True), False),
        (Rule(fence="python"), Seen("this:\n ```Python\nx\n```"), True),
        (Rule(fence="python"), Seen("```py\nx\n```"), False),
    ],
)
def test_a_rule_is_about_whole_words(rule, seen, holds):
    assert rule.holds(seen) is holds


@pytest.mark.parametrize("written", [{}, {"contains": "a", "fence": "b"}, {"contains": ""}, {"has": "nothing"}])
def test_a_rule_has_one_key(written):
    with pytest.raises(ValidationError):
        Rule.model_validate(written)


def test_rules_come_first_and_in_order():
    assert ROUTER.route(Seen("CREATE TABLE t", tools=True)).route == "tools"
    found = ROUTER.route(Seen("CREATE TABLE t (function python)"))
    assert (found.route, found.by, found.rule) == ("sql", "rule", "contains: create table")


def test_what_no_rule_decides_is_the_classifiers():
    found = ROUTER.route(Seen("a python function"))
    assert (found.route, found.by) == ("code", "classifier")
    assert set(found.scores) == {"code", "sql", "unknown"} and sum(found.scores.values()) == pytest.approx(1)


@pytest.mark.parametrize("end", ["", ".", "?", "!!", " ;", ","])
@pytest.mark.parametrize("thanks", [" Thank you very much!", " Thanks.", ", please?", "\n\nThanks in advance!"])
def test_a_mark_before_a_courtesy_is_no_feature(end, thanks):
    asked = f"Which rows are new{end}"
    assert features(asked) == features(asked + thanks) == features("Which rows are new")


@pytest.mark.parametrize("text", ["How are you?", "", "   ", "\ud800"])
def test_what_is_of_no_route_is_unknown(text):
    assert ROUTER.route(Seen(text)).route == ""


def test_a_route_must_be_likely_enough():
    strict = Router({}, classifier_of({"code": "function"}, threshold=0.9999))
    assert strict.route(Seen("a function of time")).route == ""
    assert Router({}).route(Seen("a function")).by == "nothing"


def test_the_last_question_decides():
    chat = [Message(role="user", content="a python function"), Message(role="assistant", content="rows query")]
    assert ROUTER.route(seen_in(chat)).route == "code"
    assert ROUTER.route(seen_in([*chat, Message(role="user", content="query the rows")])).route == "sql"


TEXTS = st.text(st.characters(codec="utf-8"), max_size=200)
WORDS = st.lists(
    st.sampled_from(["python", "function", "query", "rows", "weather", "CREATE", "TABLE", "42"]), min_size=1
)
SPACE = st.text(" \t\n\r", min_size=1, max_size=4)
BEFORE = ["Please ", "please, ", "Hello! ", "Hi there, could you please ", "I want you to ", "Can you help me to "]
BEHIND = [" Thank you!", ", please.", " Thanks a lot in advance!", " Cheers"]


@given(WORDS, st.lists(SPACE, min_size=1), st.sampled_from(BEFORE), st.sampled_from(BEHIND))
def test_the_law_white_space_case_and_courtesies_change_no_route(words, spaces, before, behind):
    """On every prompt that is made of words; on real ones benchmarks/router.py counts."""
    text = " ".join(words)
    wanted = ROUTER.route(Seen(text))
    spaced = "".join(word + spaces[at % len(spaces)] for at, word in enumerate(words))
    for said in (spaced, text.upper(), text.swapcase(), before + text, text + behind, before + text + behind):
        assert ROUTER.route(Seen(said)) == wanted


@given(TEXTS)
def test_a_text_in_one_spelling_is_short_and_stays_as_it_is(text):
    once = plain(text * 40)
    assert len(once) <= 2 * 4 * MOST + 1
    assert plain(plain(text)) == plain(plain(plain(text)))


@given(TEXTS)
def test_features_are_of_length_one_and_within_the_buckets(text):
    found = features(text)
    assert all(0 <= bucket < BUCKETS for bucket in found)
    assert not found or sum(weight**2 for weight in found.values()) == pytest.approx(1)


def test_features_are_the_same_in_every_process():
    found = features("Write a function.")
    assert sorted(found)[:4] == FIRST and len(found) == COUNT


FIRST, COUNT = [216, 545, 2044, 2071], 30


def test_a_classifier_comes_back_from_its_file(tmp_path):
    place = tmp_path / "a.router.npz"
    write_classifier(place, ROUTER.classifier)
    again = read_classifier(place)
    for text in ("a python function", "query", "How are you?"):
        assert again.best(again.scores(text)) == ROUTER.classifier.best(ROUTER.classifier.scores(text))
    write_classifier(place, again)
    assert read_classifier(place).digest == again.digest


@pytest.mark.parametrize("damage", [b"", b"not a file", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_router_is_refused(tmp_path, damage):
    place = tmp_path / "a.router.npz"
    place.write_bytes(damage)
    with pytest.raises(BadFile, match="is no router"):
        read_classifier(place)
    with pytest.raises(BadFile, match="not trained yet"):
        read_classifier(tmp_path / "none.npz")


def test_words_that_speak_for_a_route_are_told():
    (first, weight), *_ = ROUTER.classifier.telling("a python thing", "code")
    assert first == "python" and weight > 0


def test_everyday_questions_are_spelled_out():
    assert spelled_out("a {b|c} {d|e|f}") == ["a b e", "a c f", "a b d"]
    found = everyday_questions()
    assert len(found) > 250 and not any("{" in question or "|" in question for question in found)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"mode": "keep"}, "there is no fallback"),
        ({"mode": "D"}, "unknown mode"),
        ({"unknown": "nobody"}, "is no route"),
        ({"unknown": "fallback"}, "there is none"),
        ({"name": "code"}, "two things have one name"),
        ({"routes": [{"name": "code"}]}, "needs a model, a policy or policies"),
        ({"routes": [{"name": "*", "model": "m"}]}, "pattern"),
        ({"routes": []}, "there is no route"),
    ],
)
def test_routes_that_make_no_sense_are_refused(changed, says):
    good = {"routes": [{"name": "code", "model": "m"}]}
    WrittenRoutes.model_validate(good)
    with pytest.raises(ValidationError, match=says):
        WrittenRoutes.model_validate(good | changed)
