"""The one file in a real browser, from the disk and offline: filters, diff, keys, address, themes, hostile answers."""

import pytest
from shown import HOSTILE, bench_shown, compared, gated, many, row

from suture.studio.pages.one_file import one_file

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def written(tmp_path):
    def write(page, name="report.html", **options):
        path = tmp_path / name
        path.write_bytes(one_file(page, **options).html)
        return path.as_uri()

    return write


def test_filters_keys_diff_and_back(tab, written):
    page = gated(["r p p"] * 4 + ["r p f", "r f p", "r f f", "h f p"])
    there = tab(offline=True).open(written(page))
    assert len(there.rows()) == 8
    there.page.click("button[data-mark=lost]")
    assert there.rows() == ["T/4"]
    assert "#m=lost" in there.page.url
    there.page.keyboard.press("j")
    there.page.wait_for_selector(".detail-body h2")
    assert "T/4" in there.detail()
    assert there.page.locator(".detail-body ins").all_inner_texts() == ["new"]
    there.page.keyboard.press("d")
    assert there.page.locator("#matrix").get_attribute("data-diff") == "lines"
    there.page.keyboard.press("Escape")
    assert there.page.locator(".detail").is_hidden()
    there.page.keyboard.press("4")
    assert there.rows() == ["T/5", "T/7"]
    there.page.go_back()
    there.page.go_back()
    assert there.rows() == ["T/4"]
    there.page.keyboard.press("?")
    assert there.page.locator("#keys").is_visible()
    assert there.errors == []


def test_a_reason_lists_what_it_counts_and_says_what_the_list_is_of(tab, written):
    rows = {"lost": "pf", "slow": "ft", "repaired": "fp", "kept": "pp", "wrong": "ff", "was slow": "tf", "mute": "fs"}
    page = compared(*[[row(name, letters[side]) for name, letters in rows.items()] for side in (0, 1)])
    there = tab(offline=True).open(written(page))
    for at in range(there.page.locator("a[href*='reason=']").count()):
        link = there.page.locator("a[href*='reason=']").nth(at)
        link.click()
        said = there.page.locator("#count")
        assert len(there.rows()) == int(link.inner_text().split()[0])
        assert there.page.locator("button[data-mark='fails-now']").get_attribute("aria-pressed") == "true"
        reason = there.page.locator("select[data-by=reason]").input_value()
        assert said.inner_text() == f"{len(there.rows())} of 7 shown: fails now, reason now: {reason}"
    there.page.click("button[data-mark=all]")
    there.page.select_option("select[data-by=reason]", "wrong")
    assert "repaired" not in there.rows()


def test_ids_are_readable_to_their_end_however_wide_the_table_is(tab, written):
    names = [f"simple_python_{n}" for n in range(12)] + ["a/very/long/path/to/a/task/with/a/number/at/its/end/4711"]
    page = compared([row(name) for name in names], [row(name, "f") for name in names])
    for width in (390, 700, 1300):
        there = tab(offline=True, viewport={"width": width, "height": 800}).open(written(page))
        for opened in (False, True) if width > 900 else (False,):
            if opened:
                there.page.keyboard.press("j")
                there.page.wait_for_selector(".detail-body h2")
            cut = there.page.eval_on_selector_all(
                ".tasks td.id", "cells => cells.filter(c => c.scrollWidth > c.clientWidth).map(c => c.textContent)"
            )
            assert cut == [], (width, opened)
        assert there.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_the_four_outcomes_fit_their_cells(tab, written):
    page = gated(["r f p"] * 1460 + ["r p p"] * 1200 + ["r p f"] * 1100 + ["r f f"] * 1050)
    there = tab(offline=True).open(written(page))
    there.page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true; })")
    four = there.page.locator("figure", has_text="the four outcomes").locator("svg text")
    wide = four.evaluate_all("texts => texts.map(t => [t.textContent, t.getBBox().width])")
    assert len(wide) == 10
    assert [one for one in wide if one[1] > 160] == []


def test_the_address_is_the_state(tab, written):
    url = written(many(120))
    there = tab(offline=True).open(url)
    there.page.select_option("select[data-by=suite]", "suite 1")
    there.page.select_option("select[data-by=tag]", "tag 2")
    there.page.fill("#search", "suite/00")
    before = there.rows()
    there.page.locator(".tasks a:visible").first.click()
    there.page.wait_for_selector(".detail-body h2")
    assert 0 < len(before) < 40
    fresh = tab(offline=True).open(there.page.url)
    fresh.page.wait_for_selector(".detail-body h2")
    assert fresh.rows() == before
    assert fresh.detail() == there.detail()
    there.page.reload()
    assert there.rows() == before


def test_a_link_to_a_task_leads_to_it_whatever_its_name_is(tab, written):
    names = ["a b", "a&b=c#d", "50%", "ü/漢", "q?x", "a\u202eb"]
    page = bench_shown([row(name, "f", f"answer {at}") for at, name in enumerate(names)])
    there = tab(offline=True).open(written(page))
    for at in range(len(names)):
        there.page.locator(".tasks a").nth(at).click()
        there.page.wait_for_function(f"() => document.querySelector('.detail-body').innerText.includes('answer {at}')")
        address = there.page.url
        fresh = tab(offline=True).open(address)
        fresh.page.wait_for_selector(".detail-body h2")
        assert f"answer {at}" in fresh.detail()


def test_nothing_is_asked_of_the_network_and_nothing_is_kept(tab, written):
    there = tab(offline=True).open(written(many(60)))
    there.page.keyboard.press("j")
    there.page.wait_for_selector(".detail-body h2")
    assert [url for url in there.requests if not url.startswith("file:")] == []
    assert len(there.requests) == 1
    assert there.page.evaluate("() => localStorage.length") == 0
    there.page.click("#theme")
    assert there.page.evaluate("() => Object.keys(localStorage)") == ["theme"]


def test_hostile_answers_are_never_run(tab, written):
    rows = [
        [row(f"{at} {text[:60]}", letter, text + side, tags=(text[:30],)) for at, text in enumerate(HOSTILE.values())]
        for letter, side in (("p", ""), ("f", " after"))
    ]
    page = compared(*rows, name=HOSTILE["closing"], why_no_questions=HOSTILE["svg"])
    there = tab(offline=True).open(written(page))
    for _ in rows[0]:
        there.page.keyboard.press("j")
        there.page.wait_for_timeout(30)
        there.page.wait_for_selector(".detail-body h2")
        assert there.hacked() is None
    assert [url for url in there.requests if not url.startswith("file:")] == []
    assert there.errors == []
    assert there.page.locator("iframe, object, img, math, .detail-body style, .detail-body script, base").count() == 0


def test_ten_megabytes_on_one_line_open(tab, written):
    page = bench_shown([row("huge", "f", "<b>" * 3_500_000), row("small", "f")])
    there = tab(offline=True).open(written(page, max_size=None))
    there.page.locator(".tasks a", has_text="huge").click()
    there.page.wait_for_selector(".detail-body pre")
    assert "are left out here" in there.detail()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(tab, written, scheme):
    page = gated(["r pp pp"] * 4 + ["r pp pf", "r fp pp", "r f f", "h f p", "r x p"])
    there = tab(color_scheme=scheme).open(written(page))
    there.page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true; })")
    there.page.keyboard.press("j")
    there.page.wait_for_selector(".detail-body h2")
    assert there.axe() == []


def test_without_the_script_the_verdict_and_the_changes_are_there(tab, written):
    page = gated(["r p p"] * 4 + ["r p f", "r f p", "r f f"])
    there = tab(java_script_enabled=False, offline=True).open(written(page))
    text = there.page.locator("body").inner_text()
    assert "REJECT" in text
    assert "new answer 4" in text
    assert there.page.locator(".tasks tbody tr:visible").count() == 7


def test_on_a_phone_the_task_covers_the_table_and_can_be_closed(tab, written):
    there = tab(viewport={"width": 390, "height": 800}).open(written(gated(["r p p", "r p f", "r f f"])))
    assert there.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    there.page.locator(".tasks a").first.click()
    there.page.wait_for_selector(".detail-body h2")
    box = there.page.locator(".detail").bounding_box()
    assert (box["x"], box["width"]) == (0, 390)
    there.page.click("#close")
    assert there.page.locator(".detail").is_hidden()


def test_folds_stay_from_one_task_to_the_next(tab, written):
    there = tab(offline=True).open(written(many(20)))
    there.page.keyboard.press("j")
    there.page.wait_for_selector(".detail-body details[data-part=digests]")
    there.page.click(".detail-body details[data-part=digests] summary")
    there.page.keyboard.press("j")
    there.page.wait_for_timeout(300)
    assert there.page.locator(".detail-body details[data-part=digests]").get_attribute("open") is not None


def test_print_shows_the_verdict_without_tools(tab, written):
    there = tab().open(written(gated(["r p p", "r p f"])))
    there.page.emulate_media(media="print")
    assert there.page.locator("header.top").is_hidden()
    assert there.page.locator(".verdict").first.is_visible()
    folded = there.page.locator("details", has_text="The pictures").locator("svg").first
    assert folded.bounding_box()["height"] > 20
    assert there.page.locator(".tasks tbody tr:visible").count() == 2


def test_an_open_task_is_what_is_printed(tab, written):
    there = tab().open(written(gated(["r p p", "r p f"])))
    there.page.keyboard.press("j")
    there.page.wait_for_selector(".detail-body h2")
    there.page.emulate_media(media="print", color_scheme="dark")
    assert there.page.locator(".detail-body pre").first.is_visible()
    assert there.page.locator(".tasks").is_hidden()
    assert there.page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
