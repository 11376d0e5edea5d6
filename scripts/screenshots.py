"""Makes the pictures of docs/images: the studio's screens on a real store, light and dark, wide and on a phone.

    python scripts/screenshots.py --home .suture [--out docs/images] [--run NAME] [--routes routes.yaml]

Needs Chromium, playwright, and pngquant to keep them small (palette PNG).
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from playwright.sync_api import Browser, sync_playwright
from studio import Studio, open_studio

from suture.studio.pages.one_file import one_file

ROOT = Path(__file__).parents[1]
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 780}
LARGEST = 150_000
"""Bytes of one picture."""


PROMPT = "Write a function that adds two numbers."


def shots(studio: Studio, run: str, task: str) -> list[tuple[str, str, bool, bool]]:
    """Name, address, dark, on a phone."""
    routing = f"/routing/0/?{urlencode({'prompt': PROMPT})}"
    leaks = f"{routing}#leaks"
    named = [("routing", routing, False, False), ("leaks", leaks, True, False)] if studio.library.routers else []
    if studio.library.experiments:
        named.append(("experiment", "/experiment/0/", False, False))
    view, line = f"/v/run-{run}", f"/runs/{run}"
    return [
        ("home", "/", False, False),
        ("run", line, True, False),
        ("verdict", f"{view}/", False, False),
        ("verdict-dark", f"{view}/", True, False),
        ("verdict-phone", f"{view}/", False, True),
        ("tasks", f"{view}/tasks#t={task}", False, False),
        ("tasks-dark", f"{view}/tasks#m=changed&t={task}", True, False),
        ("dataset", f"{line}/dataset", False, False),
        ("training", f"{line}/training", False, False),
        ("graveyard", "/graveyard", True, False),
        ("ledger", "/ledger", False, False),
        ("compare", f"{view}.before~run-{run}.after/", False, False),
        ("traffic", "/traffic?show=all", False, False),
        *named,
    ]


def shoot(browser: Browser, url: str, out: Path, *, dark: bool, phone: bool) -> None:
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport=PHONE if phone else WIDE, color_scheme=scheme)
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)
    page.screenshot(path=out)
    context.close()
    if quantise := shutil.which("pngquant"):
        subprocess.run([quantise, "--force", "--strip", "--output", out, "64", out], check=True)
    size = out.stat().st_size
    print(f"{out}  {size:,} bytes{'  TOO LARGE' if size > LARGEST else ''}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--run", help="name of the run that is shown; default the latest")
    parser.add_argument("--only", help="names of pictures that are made, separated by commas; default all")
    parser.add_argument("--routes", type=Path, action="append", default=[], help="a routes file with its router")
    parser.add_argument("--experiment", type=Path, action="append", default=[], help="the results.json of a grid")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with open_studio(options.home, [*options.routes, *options.experiment]) as studio, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        runs = studio.runs()
        run = runs[options.run] if options.run else list(runs.values())[-1]
        shown = studio.library.run(run)
        for name, address, dark, phone in shots(studio, run, shown.pairs[0].task_id):
            if options.only and name not in options.only.split(","):
                continue
            shoot(browser, studio.root + address, options.out / f"studio-{name}.png", dark=dark, phone=phone)
        if not options.only:
            report = options.out / "report.html"
            report.write_bytes(one_file(shown).html)
            shoot(browser, report.absolute().as_uri(), options.out / "studio-report.png", dark=False, phone=False)
            report.unlink()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
