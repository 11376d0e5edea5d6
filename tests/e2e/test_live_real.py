"""Names that are moved while the real engine answers under them, streams open."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from lives import Shop, live_of, open_shop_door, plain_routes

from suture.wiring.serve import Serving
from suture.wiring.serve_models import ModelLoader

pytestmark = [pytest.mark.model, pytest.mark.slow]
SWAPS = 30
BODY = {"model": "code", "prompt": "def add(a, b):", "stream": True, "max_tokens": 16}


def test_streams_stay_open_across_swaps_of_real_packs(tmp_path, real_gguf, real_pack):
    """No error, no answer without its end, and each from the pack that its header names."""
    shop = Shop(tmp_path)
    loader = ModelLoader(tmp_path, Serving(slots=2, threads=1, context=512))
    shop.elsewhere = None
    shop.open = loader._open_real
    packs = [shop.promote("code", file) for file in (real_gguf, real_pack)]
    assert len(set(packs)) == 2
    with open_shop_door(shop, plain_routes("code"), plain=True) as door:
        over, seen = threading.Event(), []

        def asks():
            while not over.is_set():
                with door.http.stream("POST", "/v1/completions", json=BODY) as reply:
                    text = "".join(reply.iter_text())
                seen.append((reply.status_code, reply.headers.get("x-suture-pack"), text.endswith("data: [DONE]\n\n")))

        with ThreadPoolExecutor(2) as pool:
            asking = [pool.submit(asks) for _ in range(2)]
            for number in range(SWAPS):
                before = live_of(door).table
                if number % 2 == 0:
                    shop.rollback("code")
                else:
                    shop.promote("code", real_pack)
                while live_of(door).table is before:
                    time.sleep(0.01)
            over.set()
            for one in asking:
                one.result()
        assert len(live_of(door).shelf.loaded) == 2
    assert {status for status, _, _ in seen} == {200} and {pack for _, pack, _ in seen} == set(packs)
    assert all(done for _, _, done in seen)
