"""What a pack said first when it was promoted is what it says when it is loaded, or it is not served."""

import asyncio

import pytest
from doors import CHATML
from fake_speaker import FakeSpeaker
from lives import Shop, open_shop_door, plain_routes

from suture.core.errors import BadFile
from suture.core.measure.attempt import EngineIdentity
from suture.core.measure.first_words import SAME, FirstWords, KeptWords, compared
from suture.files.small_files import write_json
from suture.store.store import open_store
from suture.wiring.first_words import first_words, keep_first_words, require_same_words

HERE = EngineIdentity(name="llamacpp", version="1", threads=1, batch=4)


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def asked(speaker):
    return asyncio.run(first_words(speaker, CHATML))


def keep(shop, sha256, says):
    with open_store(shop.home) as store:
        return keep_first_words(store, sha256, ask=lambda path: asked(FakeSpeaker(lambda _: says or path.read_text())))


def test_only_the_same_instrument_can_compare():
    words = FirstWords.of(HERE, "0" * 64, "Hi.")
    assert compared([], words) == "" and compared([words], words) == SAME
    assert compared([words], FirstWords.of(HERE.model_copy(update={"batch": 9}), "0" * 64, "Hi.")) == SAME
    assert compared([words], words.model_copy(update={"text": "Ho."})) is None
    newer = FirstWords.of(HERE.model_copy(update={"version": "2", "threads": 8}), "0" * 64, "Ho.")
    said = compared([words], newer)
    assert said is not None and said.startswith("its first words are not compared: ")
    assert "engine version 1 then, 2 now" in said and "threads 1 then, 8 now" in said
    assert compared([words, newer], newer) == SAME
    assert "rendered otherwise" in (compared([words], FirstWords.of(HERE, "1" * 64, "Ho.")) or "")


def test_a_pack_that_says_what_it_said_is_served_and_says_so(shop):
    sha256 = shop.promote("code", shop.pack("one two three four five six"))
    assert keep(shop, sha256, "") == ""
    with open_shop_door(shop, plain_routes("code"), plain=True) as door:
        assert door.http.get("/v1/models/code").json()["suture"]["first_words"] == SAME
        assert door.http.get("/health").json()["status"] == "ok"
    with open_store(shop.home) as store:
        kept = store.home.first_words(sha256)
        assert store.ledger.file(store.home.relative(kept)) is not None  # `suture verify` checks it
        assert '"text": "one two three four "' in kept.read_text()


def test_a_pack_that_says_something_else_leaves_the_old_one_and_health_says_why(shop):
    first = shop.promote("code", shop.pack("one"))
    with open_shop_door(shop, plain_routes("code"), plain=True) as door:
        keep(shop, _kept_in_advance(shop, "two"), "other words")
        second = shop.promote("code", shop.pack("two"))
        for _ in range(2000):
            told = door.http.get("/health").json()
            if told["status"] == "degraded":
                break
        assert told["models"] == {"code": first} and second[:12] in told["troubles"]["code"]
        assert "said 'other words' when it was promoted and says 'two' now" in told["troubles"]["code"]
        assert door.chat().json()["choices"][0]["message"]["content"] == "one"
    with pytest.raises(BadFile, match="said 'other words'"), open_shop_door(shop, plain_routes("code"), plain=True):
        pass


def _kept_in_advance(shop, text):
    return shop.promote("elsewhere", shop.pack(text))


def test_words_of_another_engine_are_told_and_not_held_against_it(shop):
    sha256 = shop.promote("code", shop.pack("one"))
    words = KeptWords(pack=sha256, said=(FirstWords.of(HERE, "0" * 64, "two"),))
    with open_store(shop.home) as store:
        store.home.first_words(sha256).parent.mkdir()
        write_json(store.home.first_words(sha256), words.to_json())
        said = require_same_words(store.home, sha256, asked(FakeSpeaker(lambda _: "one")))
    assert said.startswith("its first words are not compared: engine llamacpp then, fake now")


def test_a_promotion_does_not_fail_for_want_of_first_words(shop):
    """No pack that llama.cpp could load: nothing is kept, and why is told."""
    sha256 = shop.promote("code", shop.pack("no model at all"))
    with open_store(shop.home) as store:
        assert "not a GGUF file" in keep_first_words(store, sha256)
        assert not store.home.first_words(sha256).exists()


def test_what_is_kept_again_replaces_what_the_same_engine_said(shop):
    sha256 = shop.promote("code", shop.pack("one"))
    for says in ("one", "one", "two"):
        keep(shop, sha256, says)
    with open_store(shop.home) as store:
        assert store.home.first_words(sha256).read_text().count('"text"') == 1
        with pytest.raises(BadFile, match="said 'two'"):
            require_same_words(store.home, sha256, asked(FakeSpeaker(lambda _: "one")))
