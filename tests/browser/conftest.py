"""A real browser for the tests of a file: Chromium of the system, driven by playwright. Its event loop ends with it."""

import shutil
from pathlib import Path

import pytest

AXE = Path(__file__).parents[1] / "support" / "vendor" / "axe-core-4.14.1" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def chromium():
    api = pytest.importorskip("playwright.sync_api")
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    with api.sync_playwright() as driver:
        if found is None and not Path(driver.chromium.executable_path).exists():
            pytest.skip("no Chromium here: apt-get install chromium, or playwright install chromium")
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


class Tab:
    """A page, offline, with everything it said and asked for."""

    def __init__(self, browser, **options) -> None:
        options = {"viewport": {"width": 1300, "height": 900}, **options}
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, url: str) -> "Tab":
        self.page.goto(url)
        return self

    def rows(self) -> list[str]:
        """Ids of the rows that are shown, once all are drawn."""
        self.page.wait_for_timeout(250)
        return self.page.eval_on_selector_all(
            ".tasks tbody tr", "rows => rows.filter(r => !r.hidden).map(r => r.dataset.id)"
        )

    def detail(self) -> str:
        return self.page.locator(".detail-body").inner_text()

    def hacked(self) -> object:
        return self.page.evaluate("() => window.hacked")

    def axe(self) -> list[str]:
        """Serious and critical findings, as words."""
        cdp = self.context.new_cdp_session(self.page)
        cdp.send("Page.setBypassCSP", {"enabled": True})
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("() => axe.run()")
        serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
        return [f"{one['id']}: {node['html'][:160]}" for one in serious for node in one["nodes"]]


@pytest.fixture
def tab(chromium):
    tabs = []

    def opened(**options) -> Tab:
        tabs.append(Tab(chromium, **options))
        return tabs[-1]

    yield opened
    for one in tabs:
        one.context.close()
