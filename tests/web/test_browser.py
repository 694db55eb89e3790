"""A reader's way in a real browser: look, ask, save, print, download; in both languages, with nothing from outside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from relode.web.render import VENDOR

from .conftest import PERIODS, Served, code

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (VENDOR / "echarts.min.js").is_file(), reason="npm packages are missing: pip install -e ."),
]
PAGES = (
    "/", f"/region/{code(3)}", "/indicator/industry.size", f"/compare?entity={code(2)}&entity={code(3)}",
    "/ask?w.ecology=3", "/quality", "/methods", "/methods/measure.index", "/sources", "/editions", "/reports",
    f"/where/{code(3)}/ecology.cover", f"/why/{code(3)}", f"/region/{code(3)}/diagnosis", "/nowhere",
)  # fmt: skip
ASK = {"zh": ("假如……", "位次平均移动"), "en": ("What if", "Ranks move by")}


@pytest.fixture(scope="module")
def served(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a copy of the invented place."""
    with Served(Path(shutil.copytree(built, tmp_path_factory.mktemp("served") / "place"))) as one:
        yield one


@pytest.fixture(params=["zh", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    """Both languages."""
    return str(request.param)


@pytest.fixture
def tab(browser: Any, served: Served, lang: str) -> Iterator[Any]:
    """A page that fails the test if anything is asked of another host, blocked, or broken."""
    context = browser.new_context(locale="zh-CN" if lang == "zh" else "en-GB", accept_downloads=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("request", lambda r: faults.append(r.url) if not r.url.startswith((served.url, "data:", "blob:")) else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on(
        "console", lambda line: faults.append(line.text) if line.type == "error" and "404" not in line.text else None
    )
    yield page
    context.close()
    assert not faults


def test_a_reader_looks_asks_saves_and_comes_back(tab: Any, served: Served, lang: str) -> None:
    tab.goto(f"{served.url}/?lang={lang}")
    tab.wait_for_selector("[data-chart] svg")
    assert tab.locator("#ranks tbody tr").count() == 24
    tab.select_option("select[name=period]", PERIODS[0])
    tab.wait_for_url("**period=2021**")
    tab.click(f"text={ASK[lang][0]}")
    tab.wait_for_selector("#question")
    slider = tab.locator('input[name="w.ecology"]')
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight")
    tab.wait_for_selector(f"#answer:has-text('{ASK[lang][1]}')")
    tab.wait_for_function("location.search.includes('w.ecology')")
    assert f"period={PERIODS[0]}" in tab.url
    again = tab.url
    tab.click(".save summary")
    tab.fill("input[name=name]", f"green_{lang}")
    tab.fill("input[name=zh]", "绿色方案")
    tab.fill("input[name=en]", "Greener")
    tab.click(".save button")
    tab.wait_for_url(f"**plan=green_{lang}**")
    assert ("绿色方案" if lang == "zh" else "Greener") in tab.inner_text("h1")
    tab.go_back()
    tab.wait_for_selector(f"#answer:has-text('{ASK[lang][1]}')")
    assert tab.url == again


def test_it_prints_on_paper_and_charts_are_saved(tab: Any, served: Served, lang: str, tmp_path: Path) -> None:
    from pypdf import PdfReader

    tab.goto(f"{served.url}/region/{code(3)}?lang={lang}")
    tab.wait_for_selector("[data-drawn]")
    tab.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True)
    paper = PdfReader(tmp_path / "page.pdf")
    width, height = (float(x) for x in paper.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842), "A4"
    came: list[Any] = []
    tab.on("download", lambda download: came.append(download))
    wanted = {'[data-save="svg"][data-of="dims"]': b"<svg", '[data-save="png"][data-of="dims"]': b"\x89PNG"}
    for n, (button, start) in enumerate((wanted | {".files a >> nth=0": b"\xef\xbb\xbf"}).items()):
        tab.click(button)
        for _ in range(100):
            if len(came) > n:
                break
            tab.wait_for_timeout(100)
        assert len(came) > n, button
        content = Path(came[n].path()).read_bytes()
        assert content.startswith(start)
        if start == b"<svg":
            ET.fromstring(content)  # other programs can read it


@pytest.mark.parametrize("path", ["/", f"/region/{code(3)}", "/indicator/industry.size"])
def test_charts_fit_the_paper(tab: Any, served: Served, lang: str, path: str) -> None:
    tab.set_viewport_size({"width": 1600, "height": 900})
    tab.goto(f"{served.url}{path}?lang={lang}")
    tab.wait_for_selector("[data-drawn]")
    tab.set_viewport_size({"width": 680, "height": 900})  # what is between the margins of A4
    tab.emulate_media(media="print")
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    over = tab.evaluate(
        """() => [...document.querySelectorAll('.canvas')].map((place) => {
          const [outer, inner] = [place, place.querySelector('svg')].map((one) => one.getBoundingClientRect());
          return [inner.right - outer.right, inner.bottom - outer.bottom, outer.right - 680];
        })"""
    )
    assert over
    assert all(excess <= 2 for chart in over for excess in chart), over


def test_the_diagnosis_comes_into_the_region_page(tab: Any, served: Served, lang: str) -> None:
    tab.goto(f"{served.url}/region/{code(3)}?lang={lang}")
    tab.wait_for_selector("#diagnosis table")
    assert tab.url.startswith(f"{served.url}/region/{code(3)}?")


def test_every_number_leads_to_its_source_by_keyboard(tab: Any, served: Served, lang: str) -> None:
    tab.goto(f"{served.url}/region/{code(3)}?lang={lang}")
    link = tab.locator("#indicators a[href*='/where/']").first
    link.focus()
    link.press("Enter")
    tab.wait_for_url("**/where/**")
    assert "facts.csv" in tab.inner_text("main")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_serious_barrier(tab: Any, served: Served, lang: str, path: str, axe: str) -> None:
    tab.goto(f"{served.url}{path}{'&' if '?' in path else '?'}lang={lang}")
    tab.wait_for_load_state("networkidle")
    tab.context.new_cdp_session(tab).send("Page.setBypassCSP", {"enabled": True})
    tab.evaluate(axe)
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert not serious, [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in serious]


def test_a_page_works_without_scripts(browser: Any, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.url}/ask?lang=en&w.ecology=3")
    assert "Ranks move by" in page.inner_text("#answer")
    page.goto(f"{served.url}/?lang=en")
    assert page.locator("#ranks tbody tr").count() == 24
    context.close()


def test_the_policy_blocks_what_is_not_ours(browser: Any, served: Served) -> None:
    page = browser.new_page()
    page.goto(f"{served.url}/?lang=en")
    ran = page.evaluate(
        """() => new Promise((done) => {
          const script = document.createElement('script');
          script.textContent = 'window.ran = true';
          document.body.append(script);
          let evaluated = true;
          try { new Function('return 1')(); } catch { evaluated = false; }
          setTimeout(() => done([Boolean(window.ran), evaluated]), 100);
        })"""
    )
    assert ran[0] is False
    page.close()
