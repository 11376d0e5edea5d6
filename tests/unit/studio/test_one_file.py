"""One file: what it packs is what a server would give, what it leaves out is stated, and only our code is code."""

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from shown import HOSTILE, bench_shown, compared, gated, many, row

from suture.studio.marks import CHANGED, Mark
from suture.studio.pages.cuts import CUTS
from suture.studio.pages.matrix import GROUP
from suture.studio.pages.one_file import one_file
from suture.studio.pages.task import task_fragment
from suture.studio.templating import asset


def unpacked(html: bytes) -> list[str]:
    packs = re.findall(rb'<template id="pack-\d+">([^<]*)</template>', html)
    return [text for pack in packs for text in json.loads(gzip.decompress(base64.b64decode(pack)))]


def attributes(html: str) -> list[tuple[str, str]]:
    """Every attribute of every tag, as a parser of HTML reads them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, given: found.extend((name, value or "") for name, value in given)
    parser.feed(html)
    return found


def forbidden(name: str, value: str) -> bool:
    return name.startswith("on") or name in ("style", "src", "srcdoc") or (name == "href" and not value.startswith("#"))


def hostile_page():
    before = [row(f"{name} {text[:40]}", "p", f"before {text}", tags=(text[:30],)) for name, text in HOSTILE.items()]
    after = [row(f"{name} {text[:40]}", "f", text, tags=(text[:30],)) for name, text in HOSTILE.items()]
    return compared(before, after, name="<script>alert(1)</script>", why_no_questions="<b>not here</b>")


def test_the_file_packs_the_fragments_byte_by_byte():
    page = many(120)
    found = unpacked(one_file(page, max_size=None).html)
    assert found == [task_fragment(page, one) for one in page.pairs]
    assert len(found) == 120 > 2 * GROUP


def test_only_the_named_script_and_style_stand_in_it():
    html = one_file(hostile_page(), max_size=None).html.decode()
    policy = re.search(r'content="(default-src[^"]*)"', html)[1]
    for tag, name in (("script", "studio.js"), ("style", "studio.css")):
        (found,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert found == asset(name)
        digest = base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    rest = html.replace(asset("studio.js"), "").replace(asset("studio.css"), "")
    assert "<script" not in rest.replace("<script></script>", "")
    assert not [found for found in attributes(rest) if forbidden(*found)]
    assert "default-src 'none'" in policy


def test_assets_cannot_end_the_tag_they_stand_in():
    for name in ("studio.js", "studio.css"):
        assert not re.search(r"</(script|style)|<!--", asset(name), re.IGNORECASE)


def test_hostile_answers_are_text_everywhere():
    page = hostile_page()
    html = one_file(page, max_size=None).html.decode()
    for text in [html.partition("<main>")[2].partition("<template")[0], *unpacked(html.encode())]:
        assert "<img" not in text
        assert "<svg/" not in text
        assert "<iframe" not in text
        assert "{{ 7*7 }}" in text or "49" not in text
        assert not set(text) & {"\u202e", "\x00", "\x1b", "\ud835", "\u2028"}


def test_what_is_left_out_is_stated_and_counted():
    page = many(300, size=3_000)
    whole = one_file(page, max_size=None)
    assert whole.cut is CUTS[0]
    assert b"To keep this file small" not in whole.html
    smaller = one_file(page, max_size=700_000)
    assert smaller.fits
    assert smaller.size <= 700_000 < whole.size
    told = re.findall(r"<li>of (\d+) (\w[\w ]*?) tasks?(?: whose[^:]*)?: ([^<]+)</li>", smaller.html.decode())
    kept, failing = (len(page.with_mark(mark)) for mark in (Mark.KEPT, Mark.FAILING))
    assert [(whose, says) for _, whose, says in told] == [
        ("kept", smaller.cut.kept.says),
        ("failing", smaller.cut.failing.says),
    ]
    assert 0 < int(told[0][0]) <= kept
    assert 0 < int(told[1][0]) <= failing
    assert sum(
        text != task_fragment(page, one) for text, one in zip(unpacked(smaller.html), page.pairs, strict=True)
    ) == (int(told[0][0]) + int(told[1][0]))
    tiny = one_file(page, max_size=10_000)
    assert not tiny.fits
    assert tiny.cut is CUTS[-1]


def test_changed_answers_are_never_cut_below_16_kb():
    for cut in CUTS:
        assert all(cut.room(mark).answer >= 16 * 1024 and cut.room(mark).diff for mark in CHANGED)


@pytest.mark.slow
def test_a_thousand_tasks_of_three_thousand_characters_fit():
    for similar in (True, False):
        made = one_file(many(1_000, size=3_000, similar=similar))
        assert made.fits
        assert made.size <= 3_000_000


def test_verdict_counts_and_changed_tasks_are_there_without_the_script():
    page = gated(["r p p"] * 5 + ["r p f", "r f p", "r f f"])
    html = one_file(page).html.decode()
    body = html.partition("<main>")[2].partition("<template")[0]
    assert "REJECT" in body
    assert "− 1 lost" in body
    assert "<noscript>" in body
    assert "<ins>new</ins> answer 5" in body.partition("<noscript>")[2]
    assert body.count("<tr data-n=") == 8


def test_empty_and_lone_pages():
    assert b"No task was measured." in one_file(bench_shown([])).html
    assert b"MEASURED" in one_file(bench_shown([row("a", "x", "")])).html
    assert b"read as lm-eval" in one_file(bench_shown([row("a")], evidence=("read as lm-eval",))).html


def test_an_answer_that_is_equal_on_both_sides_stands_once():
    page = compared([row("a", "p", "the very same")], [row("a", "p", "the very same")])
    (text,) = unpacked(one_file(page).html)
    assert text.count("the very same") == 1
    assert "before and after: the same answer" in text
