"""How fast the studio is: a matrix in a real browser, one file's size, every screen over a large store.

    python benchmarks/studio.py --home .suture --attempts 2000000 --report run=.suture/runs/NAME-ID/report.html

Needs Chromium and playwright. ``--home`` is a store with at least one finished run; it is copied, and the copy gets the
attempts. Files named by ``--report`` are measured as they are.
"""

import argparse
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from playwright.sync_api import Browser, sync_playwright
from shown import many
from studio import open_studio

from suture.core.digest import digest_of_text
from suture.core.measure.attempt import Attempt, Completion, EngineIdentity, FinishReason, Sampling
from suture.store.chain import append
from suture.store.ledger import Ledger
from suture.studio.pages.one_file import one_file

TASKS = 1_128
TIMES = 5
CHUNK = 20_000
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
CLICKED = """selector => new Promise(done => {
    const began = performance.now();
    document.querySelector(selector).click();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
})"""
OPENED = """() => new Promise((done, late) => {
    const body = document.querySelector('.detail-body'), began = performance.now();
    const drawn = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    new MutationObserver((_, seen) => { seen.disconnect(); drawn(); }).observe(body, { childList: true });
    setTimeout(() => late(new Error('no task was opened')), 10000);
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
})"""


def told(name: str, values: list[float], unit: str = "ms") -> None:
    print(f"{name:<44} {statistics.median(values):>8.0f} {unit}   {min(values):.0f} to {max(values):.0f}")


def matrix(browser: Browser, folder: Path) -> None:
    path = folder / "matrix.html"
    made = one_file(many(TASKS))
    path.write_bytes(made.html)
    print(f"\none file, {TASKS} tasks, offline: {made.size:,} bytes; left out: {made.cut.says or 'nothing'}")
    found: dict[str, list[float]] = {"first paint": [], "filter to changed": [], "filter to all": [], "open a task": []}
    requests: list[str] = []
    for _ in range(TIMES):
        context = browser.new_context(viewport={"width": 1300, "height": 900}, offline=True)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_function("() => document.querySelector('#matrix.scripted')")
        page.wait_for_timeout(1_500)
        found["first paint"].append(page.evaluate(FIRST_PAINT))
        found["filter to changed"].append(page.evaluate(CLICKED, "button[data-mark=changed]"))
        page.wait_for_timeout(400)
        found["filter to all"].append(page.evaluate(CLICKED, "button[data-mark=all]"))
        page.wait_for_timeout(800)
        found["open a task"].append(page.evaluate(OPENED))
        context.close()
    for name, values in found.items():
        told(name, values)
    print(f"requests besides the file itself: {len([url for url in requests if not url.startswith('file:')])}")


def sizes(reports: list[str]) -> None:
    print("\nsizes")
    for count, size, similar in ((1_000, 3_000, True), (1_000, 3_000, False)):
        began = time.perf_counter()
        made = one_file(many(count, size=size, similar=similar))
        alike = "most pairs alike" if similar else "nothing alike"
        seconds = time.perf_counter() - began
        told_size = f"{count} tasks of {size} characters, {alike}: {made.size:,} bytes in {seconds:.1f} s"
        print(f"{told_size}; left out: {made.cut.says or 'nothing'}")
    for report in reports:
        name, _, path = report.partition("=")
        print(f"{name}: {Path(path).stat().st_size:,} bytes")


def fill(home: Path, attempts: int) -> None:
    """Attempts of packs that no run knows, in batches of 20,000."""
    ledger = Ledger(home / "ledger.db")
    began = time.perf_counter()
    engine = EngineIdentity(name="generated", version="1", threads=1, batch=8)
    said = Completion(text="def f(x):\n    return x + 1\n" * 8, finish=FinishReason.STOP, prompt_tokens=120, tokens=60)
    digest = digest_of_text("a task")
    record = Attempt(
        task_id="generated/0",
        task_digest=digest,
        pack=digest,
        engine=engine,
        sampling=Sampling(),
        prompt_digest=digest,
        completion=said,
    ).to_json_text()
    for start in range(0, attempts, CHUNK):
        with ledger._transaction(durable=False) as db:
            append(db, "attempts", [(f"batch {start}", at, record) for at in range(min(CHUNK, attempts - start))])
    ledger.close()
    with sqlite3.connect(home / "ledger.db") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = (home / "ledger.db").stat().st_size
    seconds = time.perf_counter() - began
    print(f"\na store with {attempts:,} attempts more: ledger of {size / 1e6:,.0f} MB, made in {seconds:.0f} s")


def screens(home: Path) -> None:
    with open_studio(home) as studio:
        run = list(studio.runs().values())[-1]
        view = f"/v/run-{run}"
        addresses = [
            *("/", f"/runs/{run}", f"{view}/", f"{view}/tasks", f"{view}/task/0", f"/runs/{run}/dataset"),
            *(f"/runs/{run}/training", "/graveyard", "/ledger", "/ledger/verify", "/ledger?digest=ffffffffffff"),
            *("/compare", "/traffic", "/routing", f"{view}.before~run-{run}.after/"),
        ]
        print("first time, and again")
        for address in addresses:
            seconds: list[float] = []
            for _ in range(3):
                began = time.perf_counter()
                answer = studio.http.get(address)
                seconds.append(time.perf_counter() - began)
                answer.raise_for_status()
            print(f"{address.replace(run, 'RUN'):<44} {1000 * seconds[0]:>8.0f} ms {1000 * min(seconds[1:]):>8.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--attempts", type=int, default=2_000_000)
    parser.add_argument("--report", action="append", default=[], help="NAME=PATH of a page whose size is told")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            matrix(browser, folder)
            browser.close()
        sizes(options.report)
        if options.home is not None:
            home = folder / "store"
            shutil.copytree(options.home, home)
            fill(home, options.attempts)
            screens(home)


if __name__ == "__main__":
    main()
