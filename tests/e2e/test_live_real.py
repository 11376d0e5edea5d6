"""Names that are moved while the real engine answers under them, streams open."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from lives import Shop, live_of, open_shop_door, plain_routes
from swaps import chunks_of

from suture.serve.record_writer import RecordWriter
from suture.store.served_file import served_records
from suture.wiring.serve import Serving
from suture.wiring.serve_models import ModelLoader

pytestmark = [pytest.mark.model, pytest.mark.slow]
SWAPS = 100
BODY = {"model": "code", "prompt": "def add(a, b):", "stream": True}
GOES_ON = {"0": -100, "2": -100}
"""Tokens that would end an answer, kept out."""


def test_streams_stay_open_across_swaps_of_real_packs(tmp_path, real_gguf, real_pack):
    """No error, no answer without its end, and each from the pack that its header, its chunks and its record name."""
    shop = Shop(tmp_path)
    loader = ModelLoader(tmp_path, Serving(slots=2, threads=1, context=1024))
    shop.elsewhere = None
    shop.open = loader._open_real
    packs = [shop.promote("code", file) for file in (real_gguf, real_pack)]
    assert len(set(packs)) == 2
    moves, seen, across = [0], [], []
    with (
        closing(RecordWriter(tmp_path / "served.db")) as records,
        open_shop_door(shop, plain_routes("code"), plain=True, records=records) as door,
    ):

        def ask(**more):
            with door.http.stream("POST", "/v1/completions", json=BODY | more) as reply:
                text = "".join(reply.iter_text())
            seen.append((reply.status_code, dict(reply.headers), text))

        def asks():
            while moves[0] < SWAPS:
                ask(max_tokens=16)

        def asks_long():
            while moves[0] < SWAPS:
                begun = moves[0]
                ask(max_tokens=384, logit_bias=GOES_ON)
                across.append(moves[0] - begun)

        with ThreadPoolExecutor(2) as pool:
            asking = [pool.submit(asks), pool.submit(asks_long)]
            for number in range(SWAPS):
                before = live_of(door).table
                if number % 2 == 0:
                    shop.rollback("code")
                else:
                    shop.promote("code", real_pack)
                while live_of(door).table is before:
                    time.sleep(0.01)
                moves[0] = number + 1
            for one in asking:
                one.result()
        assert len(live_of(door).shelf.loaded) == 2
    assert max(across) > 10
    assert {status for status, _, _ in seen} == {200}
    assert {headers["x-suture-pack"] for _, headers, _ in seen} == set(packs)
    assert all(text.endswith("data: [DONE]\n\n") for _, _, text in seen)
    with served_records(tmp_path / "served.db") as file:
        kept = {one.id: {tier.pack for tier in one.answers[0].how.tiers} for one in file.records()}
    assert len(kept) == len(seen)
    for _, headers, text in seen:
        pack = headers["x-suture-pack"]
        assert {chunk["system_fingerprint"].split("-")[0] for chunk in chunks_of(text)} == {pack[:12]}
        assert kept[headers["x-suture-record"]] == {pack}
