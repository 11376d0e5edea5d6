"""Every screen can be copied as Markdown, and no text of a model is more than text there."""

import re

import pytest
from markdown_it import MarkdownIt
from markupsafe import escape
from shown import HOSTILE

from suture.studio.pages.screen_markdown import screen_markdown


def test_headings_sentences_lists_tables_and_texts():
    html = """<html><head><title>not this</title></head><body><header>nor this</header><main id="main"><h1>Home</h1>
    <p>One <b>sentence</b>, and <code>suture view</code>. <button>copy</button></p>
    <form><label>key <input></label></form><ul><li>first</li><li>second</li></ul>
    <table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1 | 2</td><td><span>x</span> y</td></tr></tbody>
    </table><svg><title>3 lost</title><text>not this</text></svg><pre>  kept
    as it is ```</pre><dialog><p>nor this</dialog></main></body></html>"""
    assert screen_markdown(html) == (
        "# Home\n\nOne sentence, and `suture view`.\n\n- first\n\n- second\n\n"
        "| a | b |\n|---|---|\n| 1 \\| 2 | x y |\n\n(picture: 3 lost)\n\n````\n  kept\n    as it is ```\n````\n"
    )


def test_a_page_that_brings_its_own_is_answered_with_that():
    assert screen_markdown('<main><p>x</p><template id="markdown">**own** &lt;b&gt;</template></main>') == "**own** <b>"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_stay_texts(name):
    text = HOSTILE[name][:3_000]
    inner = escape(text)
    html = f"<main><h2>{inner}</h2><p>{inner}</p><table><tr><td>{inner}</td></tr></table><pre>{inner}</pre></main>"
    told = screen_markdown(html)
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(told)
    outside = re.sub(r"<pre><code>.*?</code></pre>", "", shown, flags=re.DOTALL)
    assert set(re.findall(r"<([a-z0-9]+)", outside)) <= {"h2", "p", "table", "thead", "tr", "th", "td", "tbody"}
