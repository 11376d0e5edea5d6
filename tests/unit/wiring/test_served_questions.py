"""What was asked of served models is read as questions, each once, and none to which an answer was called wrong."""

from types import SimpleNamespace

import pytest
from fakes import scripted_workshop
from served import mark, serve

from suture.core.errors import BadFile, UsageError
from suture.core.teach.harvest_settings import HarvestSettings
from suture.suites.questions import load_questions
from suture.wiring.served_questions import served_questions, with_served_questions

PROMPTS = ("What is a list?", "What is a set?", "What is a list?", "What is a dict?")
SERVED = HarvestSettings(rehearse_from=("humaneval", "served"))


@pytest.fixture
def shop(tmp_path):
    workshop = scripted_workshop(tmp_path)
    workshop.store.home.root.mkdir(exist_ok=True)
    yield SimpleNamespace(store=workshop.store, path=workshop.store.home.served)
    workshop.store.ledger.close()


def asked(shop):
    return [row["messages"][-1]["content"] for row in served_questions(shop.store)]


def test_every_question_once_and_no_answer_with_it(shop):
    serve(shop.path, lambda prompt: "An answer.", PROMPTS)
    assert asked(shop) == ["What is a list?", "What is a set?", "What is a dict?"]
    assert "An answer." not in str(served_questions(shop.store))


def test_a_question_with_an_answer_that_was_called_wrong_is_left_out_wherever_it_was_asked(shop):
    first, second, *_ = serve(shop.path, lambda prompt: "An answer.", PROMPTS)
    mark(shop.path, first, "bad")
    mark(shop.path, second, "good")
    assert asked(shop) == ["What is a set?", "What is a dict?"]


def test_they_become_a_file_of_the_store_that_says_where_they_are_from(shop):
    serve(shop.path, lambda prompt: "An answer.", PROMPTS)
    suite, path = with_served_questions(shop.store, SERVED).rehearse_from
    assert suite == "humaneval"
    questions = load_questions(path)
    assert len(questions) == 3
    assert all(one.id.startswith("served/") and one.origin == "served.db" for one in questions)
    assert with_served_questions(shop.store, SERVED).rehearse_from == (suite, path)


def test_without_records_the_recipe_is_refused_and_others_are_let_be(shop):
    with pytest.raises(BadFile, match="no records here"):
        with_served_questions(shop.store, SERVED)
    other = HarvestSettings(rehearse_from=("humaneval",))
    assert with_served_questions(shop.store, other) is other


def test_records_of_which_none_is_left_are_refused(shop):
    (record,) = serve(shop.path, lambda prompt: "An answer.", PROMPTS[:1])
    mark(shop.path, record, "bad")
    with pytest.raises(UsageError, match="no chat among the records"):
        served_questions(shop.store)
    mark(shop.path, record, "withdrawn")
    assert [row["id"] for row in served_questions(shop.store)] == [f"served/{record}"]
