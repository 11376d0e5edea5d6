"""The page about a routes file: leaks by sign and word, why a prompt goes where it goes, live and as one file."""

import json
from html import escape
from xml.etree import ElementTree

import pytest
from routers import write_routes
from shown import HOSTILE
from studio import make_store, open_studio, serve_answers

from suture.cli.main import run as suture
from suture.router.findings import Audit, Leak
from suture.studio.pages.routing import leaks_fragment, routing_markdown
from suture.studio.pictures.frame import as_file
from suture.studio.pictures.leaks import leak_matrix
from suture.studio.routing import RoutesShown, headline_of, rows_of


def audited(matrix, owners, leaks=()):
    found = tuple(
        Leak(task=name, suite=suite, route=to, went_to=went, by="classifier") for name, suite, to, went in leaks
    )
    return Audit(matrix=matrix, owners=owners, leaks=found, prompts=sum(sum(row.values()) for row in matrix.values()))


LEAKY = audited(
    {"mbpp": {"code": 90}, "orders": {"sql": 7, "code": 2, "unknown": 1}, "chat": {"unknown": 5, "code": 1}},
    {"mbpp": "code", "orders": "sql", "chat": ""},
    [
        ("orders/3", "orders", "sql", "code"),
        ("orders/4", "orders", "sql", "code"),
        ("orders/9", "orders", "sql", "unknown"),
    ],
)


def test_every_cell_says_by_sign_and_word_what_it_is():
    said = {row.suite: [(cell.count, cell.sign, cell.word) for cell in row.cells] for row in rows_of(LEAKY)}
    assert LEAKY.routes == ("code", "sql", "unknown")
    assert said == {
        "mbpp": [(90, "=", "stay"), (0, "", ""), (0, "", "")],
        "orders": [(2, "−", "leaks"), (7, "=", "stay"), (1, "−", "leak")],
        "chat": [(1, "", "unclaimed"), (0, "", ""), (5, "", "unclaimed")],
    }
    assert headline_of(LEAKY)[2] == "3 of 100 prompts leave their own route."


def test_the_picture_stands_alone_and_tells_its_numbers():
    svg = leak_matrix(LEAKY)
    assert "style=" not in svg
    tree = ElementTree.fromstring(as_file(svg))
    said = tree.find("{http://www.w3.org/2000/svg}title").text
    assert "orders, which is sql's: 2 to code (leaks); 7 to sql (stay); 1 to no route (leak)" in said
    words = [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"= 90 stay", "− 2 leaks", "− 1 leak", "5 unclaimed"} <= {str(word).strip() for word in words}


def test_a_page_without_leaks_or_without_claims_says_so():
    assert (
        headline_of(audited({"a": {"x": 3}}, {"a": "x"}))[2]
        == "All 3 prompts of suites that a route claims stay on it."
    )
    assert headline_of(audited({"a": {"x": 3}}, {"a": ""}))[0] == "?"
    assert headline_of(audited({}, {}))[0] == "?"


def test_names_are_text_in_fragment_picture_and_markdown(tmp_path):
    for text in HOSTILE.values():
        name = text[:200]
        audit = audited({name: {name: 2, "x": 1}}, {name: name}, [(name, name, name, "x")])
        html = leaks_fragment(audit)
        assert (
            "<script" not in html
            and "<img" not in html
            and "<iframe" not in html
            and "onload" not in html.split("&lt;")[0]
        )
        ElementTree.fromstring(as_file(leak_matrix(audit)))


def test_markdown_has_a_row_a_suite(tmp_path):
    told = routing_markdown(RoutesShown("routes.yaml", None), LEAKY)
    assert "| orders | sql | − 2 leaks | = 7 stay | − 1 leak |" in told
    assert told.startswith("**− 3 of 100 prompts leave their own route.**")


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    folder = tmp_path_factory.mktemp("routing")
    home = make_store(folder / "s", ["first"], tasks=6)
    serve_answers(home, ["one"])
    (folder / "untrained").mkdir()
    untrained = write_routes(folder / "untrained")
    (folder / "untrained" / "routes.router.npz").unlink()
    with open_studio(home, [write_routes(folder), untrained]) as opened:
        opened.folder = folder
        yield opened


def test_the_screen_shows_routes_in_order_and_their_rules(studio):
    page = studio.http.get("/routing", follow_redirects=True).text
    assert page.index("<strong>code</strong>") < page.index("<strong>sql</strong>")
    assert "contains: <code>create table</code>" in page
    assert "a route must reach a probability of 0.500" in page
    assert 'hx-get="/routing/0/leaks"' in page


def test_a_prompt_is_explained_as_the_command_explains_it(studio, capsys):
    file = str(studio.folder / "routes.yaml")
    for prompt, more in (
        ("Please write a function.", {}),
        ("CREATE TABLE t (a)", {}),
        ("anything", {"tools": "1"}),
        ("<b>hi</b>", {}),
    ):
        assert suture(["route", "explain", file, prompt, "--json", *(f"--{name}" for name in more)]) == 0
        told = json.loads(capsys.readouterr().out)
        page = studio.http.get("/routing/0/", params={"prompt": prompt, **more}).text
        assert f"</span> {told['routed']['route'] or 'no route'}</span>" in page
        if told["routed"]["rule"]:
            assert f"by a rule: {told['routed']['rule']}" in page
        for name, share in told["routed"]["scores"].items():
            assert f'<td>{name}</td><td class="num">{share:.3f}</td>' in page
        for word, weight in told["telling"]:
            assert f"{escape(word)} {weight:+.2f}</span>" in page
    assert "<b>hi</b>" not in page


def test_leaks_are_those_of_the_command_and_more_suites_can_be_asked(studio, capsys):
    assert suture(["route", "audit", str(studio.folder / "routes.yaml"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    part = studio.http.get("/routing/0/leaks").text
    assert f"{len(told['leaks'])} of {told['owned']} prompts leave their own route." in part
    assert all(leak["task"] in part for leak in told["leaks"])
    assert part.startswith("<p class=") and '<svg class="picture"' in part
    assert "free" not in part
    query = {"suite": f"{studio.folder / 'ten.jsonl'} {studio.folder / 'free.jsonl'}"}
    more = studio.http.get("/routing/0/leaks", params=query).text
    assert "no route claims free" in more
    assert 'class="picture"' not in studio.http.get("/routing/0/", params=query).text
    assert studio.http.get("/routing/0/leaks.svg", params=query).headers["content-type"] == "image/svg+xml"


def test_nothing_is_fetched_for_the_page_and_what_is_missing_is_said(studio, monkeypatch):
    monkeypatch.delenv("SUTURE_MBPP", raising=False)
    for suite in ("mbpp", "mbpp-one-test:11-20", "livecodebench"):
        said = studio.http.get("/routing/0/leaks", params={"suite": suite}).text
        assert "is read from a file: --source" in said
    assert "unknown suite" in studio.http.get("/routing/0/leaks", params={"suite": "nope"}).text


def test_an_untrained_router_says_what_trains_it(studio):
    page = studio.http.get("/routing/1/", params={"prompt": "Return 1."}).text
    assert "the router was not trained yet" in page
    assert "suture route train" in page
    assert "hx-get" not in page
    assert studio.http.get("/routing/7/").status_code == 404


def test_without_a_routes_file_the_screen_says_how_to_name_one(tmp_path):
    with open_studio(make_store(tmp_path / "s", ["first"], tasks=6)) as studio:
        assert "suture view routes.yaml" in studio.http.get("/routing").text


def test_the_page_and_the_picture_are_written_by_a_command(studio, tmp_path, capsys):
    out, pictures = tmp_path / "routing.html", tmp_path / "pictures"
    file = str(studio.folder / "routes.yaml")
    assert suture(["view", file, "--html", str(out), "--svg", str(pictures), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    html = out.read_text()
    assert told["bytes"] == out.stat().st_size
    assert "4 of 8 prompts leave their own route." in html
    assert "http://" not in html.replace("http://www.w3.org", "") and 'name="prompt"' not in html
    assert "4 of 8 prompts leave" in (pictures / "leaks.svg").read_text()
    for wrong in (tmp_path / "missing.yaml", tmp_path / "recipe.yaml"):
        (tmp_path / "recipe.yaml").write_text("name: quickstart\nmodel: m\n")
        assert suture(["view", str(wrong)]) == 2
        assert wrong.name in capsys.readouterr().err
    untrained = str(studio.folder / "untrained" / "routes.yaml")
    assert suture(["view", untrained, "--html", str(out)]) == 2
    assert "suture route train" in capsys.readouterr().err
