"""What each of pandoc's writers gets from one derivation."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from everything import formulas, pandoc

from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.document.widths import width

REQUEST = r"$$\nabla_X \operatorname{tr}(V^\top \log(AXB)) = ?$$"
LONG = (
    r"$$\nabla_X \left( \operatorname{tr}(X^\top A X B) + \operatorname{tr}(X^\top C X D) \right)"
    r" = ?$$"
)
PROBE = """<script>
const boxes = [...document.querySelectorAll(".mdiff-steps math[display=block]")];
const folded = [...document.querySelectorAll(".mdiff-steps")];
const height = box => box.checkVisibility() ? box.getBoundingClientRect().height : 0;
const seen = () => boxes.map(box => height(box) > 100);
const before = seen();
const wide = boxes.some(box => box.getBoundingClientRect().right > innerWidth);
folded.forEach(details => details.querySelector("summary").click());
const open = folded.map(details => details.open);
document.title = JSON.stringify({before, after: seen(), wide, open});
</script>"""


def made(text: str, writer: str, *, css: bool = False) -> bytes:
    """The filter's answer for a ``writer``, as pandoc's JSON."""
    tree = pandoc("-f", "markdown", "-s", "-t", "json", given=text.encode())[0]
    return convert(tree, writer, css=css).json


def rows_of(text: str, writer: str) -> list[str]:
    """The lines of the first derivation."""
    body = flowing(text, writer)[1] or formulas(made(text, writer))[0]
    body = body.removeprefix(r"\begin{aligned}").removesuffix(r"\end{aligned}")
    shown = re.split(r"\\\\\*?", body)
    return [re.sub(r"\\uncover<[.+]->|&", "", line).strip() for line in shown]


def flowing(text: str, writer: str = "latex") -> tuple[str, str]:
    """The name of the environment over several pages, and what stands in it; empty for none."""
    texts = (node["c"][1] for node in nodes(json.loads(made(text, writer)), "RawInline"))
    found = (re.search(r"\\begin\{(alignat\*?)\}\{2\}\n(.*?)\n\\end", it, re.S) for it in texts)
    match = next(filter(None, found), None)
    return (match[1], match[2]) if match else ("", "")


def nodes(tree: object, kind: str) -> list[dict[str, list[str]]]:
    """The elements of a kind in pandoc's JSON, in order."""
    if isinstance(tree, list):
        return [found for item in tree for found in nodes(item, kind)]
    if not isinstance(tree, dict):
        return []
    own = [tree] if tree.get("t") == kind else []
    return own + nodes(list(tree.values()), kind)


def head(text: str, writer: str, *, css: bool = False) -> str:
    """What the filter puts into the head of a page."""
    return json.dumps(json.loads(made(text, writer, css=css))["meta"].get("header-includes", ""))


@pytest.mark.parametrize("writer", ["html", "html4", "html5", "chunkedhtml"])
def test_a_style_sheet_is_added_where_it_is_asked_for(writer: str) -> None:
    assert head(REQUEST, writer) == '""'
    assert ".mdiff-steps" in head(f"---\nmdiff: {{css: true}}\n---\n\n{REQUEST}", writer)
    assert ".mdiff-steps" in head(REQUEST, writer, css=True)
    assert head(f"---\nmdiff: {{css: false}}\n---\n\n{REQUEST}", writer, css=True) == '""'
    assert head("$x$", writer, css=True) == '""'


@pytest.mark.parametrize("writer", ["latex", "docx", "epub", "revealjs", "gfm"])
def test_other_formats_get_no_style_sheet(writer: str) -> None:
    assert head(REQUEST, writer, css=True) == '""'


@pytest.mark.parametrize(
    ("writer", "meta", "room"),
    [
        ("latex", "", 332),
        ("latex", "classoption: twocolumn", 242),
        ("latex", "classoption: [a4paper, twocolumn]", 242),
        ("latex", "mdiff: {width: 6.5cm}", 185),
        ("typst", "mdiff: {width: 200pt}", 200),
        ("beamer", "", 280),
        ("pptx", "", 230),
    ],
)
def test_lines_are_as_wide_as_the_page(writer: str, meta: str, room: float) -> None:
    lines = rows_of(f"---\n{meta}\n---\n\n{LONG}", writer)
    assert len(lines) > 3
    assert max(map(width, lines)) <= room
    assert room == 332 or max(map(width, rows_of(LONG, "latex"))) > room


def test_slides_show_the_steps_at_once_where_that_is_asked_for() -> None:
    for text in (
        f"::: {{.mdiff incremental=false}}\n{REQUEST}\n:::",
        f"::: nonincremental\n{REQUEST}\n:::",
        f"---\nmdiff: {{incremental: false}}\n---\n\n{REQUEST}",
        f"---\nmdiff: {{incremental: false}}\n---\n\n::: nonincremental\n{REQUEST}\n:::",
    ):
        assert rb"\\uncover" not in made(text, "beamer")
        assert b"fragment" not in made(text, "revealjs")
    text = f"---\nmdiff: {{incremental: false}}\n---\n\n::: incremental\n{REQUEST}\n:::"
    assert rb"\\uncover" in made(text, "beamer")
    assert b"fragment" in made(text, "revealjs")


def test_every_step_of_a_slide_leaves_room_for_the_others() -> None:
    shown = [it for it in formulas(made(REQUEST, "revealjs")) if "aligned" in it]
    assert len(shown) > 4
    bare = {re.sub(r"\\phantom\{\{\}(.*?)\}(?= |$)", r"\1", it, flags=re.M) for it in shown}
    assert len({re.sub(r"[{}]", "", it) for it in bare}) == 1  # they differ by what is hidden alone


def test_a_browser_folds_the_steps(tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    text = f"{REQUEST}\n\n::: {{.mdiff steps=closed}}\n{LONG}\n:::\n"
    flags = ["-f", "json", "-t", "html", "-s", "--mathml", "-M", "title=Steps"]
    page = pandoc(*flags, given=made(text, "html", css=True))[0].decode()
    file = tmp_path / "page.html"
    file.write_text(page.replace("</body>", f"{PROBE}</body>"), "utf-8")
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1000,900",
        "--virtual-time-budget=3000", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    title = re.search(r"<title>(\{.*?\})</title>", done.stdout.decode())
    assert title is not None
    told = json.loads(title[1])
    assert told["open"] == [False, True]
    assert not told["wide"]
    assert told["before"] == [True, False]
    assert told["after"] == [False, True]


MANY = r"\nabla_w \left(\mathbf{1}^\top \log(1 + \exp(Xw)) - y^\top X w\right) = ?"


@pytest.mark.parametrize(
    ("text", "name", "ends"),
    [
        (f"$${MANY}$$", "alignat*", "common factor}"),
        (rf"$${MANY} \tag{{7}}$$", "alignat*", r"common factor} \tag{7}"),
        (rf"$${MANY} \tag{{7}}\label{{a}}$$", "alignat*", r"\tag{7}\label{a}"),
        (rf"\begin{{equation}}\label{{a}}{MANY}\end{{equation}}", "alignat", r"} \label{a}"),
        (rf"$${MANY}$$ {{#eq:a}}", "", ""),  # pandoc-crossref looks for a formula
        (REQUEST.replace(r"\log(AXB)", "AXB"), "", ""),  # so few lines stay together
    ],
)
def test_a_long_derivation_may_go_over_two_pages(text: str, name: str, ends: str) -> None:
    environment, body = flowing(text)
    assert environment == name
    assert body.endswith(ends)
    if body:
        *first, _ = re.split(r"(?<=\\\\)\n|(?<=\\\\\*)\n", body)
        assert len(first) > 8
        assert all((r"\notag" in row) == (name == "alignat") for row in first)
        begins = [not row.startswith("& ") or row.startswith("&= ") for row in body.split("\n")[1:]]
        second, last = begins.index(True), len(begins) - 1 - begins[::-1].index(True)
        begins[second] = begins[last] = False
        assert [not row.endswith("*") for row in first] == begins  # a step and its label stay whole
    assert flowing(text, "beamer") == flowing(text, "gfm") == ("", "")


def test_latex_begins_a_page_inside_a_derivation(tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    text = "Text.\n\n"
    given = made(f"{text * 20}$${MANY}$$\n\n{text * 13}", "latex")
    page = tmp_path / "page.tex"
    page.write_bytes(pandoc("-f", "json", "-t", "latex", "-s", given=given)[0])
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", page.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=True)
    assert b"(2 pages" in done.stdout  # it is three where the derivation begins a page


@pytest.mark.parametrize(
    ("writer", "quoted"),
    [
        *(("latex", True), ("docx", True), ("typst", True), ("plain", True)),
        *(("html", False), ("gfm", False), ("beamer", False)),
    ],
)
def test_what_mdiff_says_below_a_derivation_is_told_apart(writer: str, quoted: bool) -> None:
    tree = json.loads(made(REQUEST, writer))
    quotations = nodes(tree, "BlockQuote")
    assert [b"mdiff-assumed" in json.dumps(it).encode() for it in quotations] == [True] * quoted


@pytest.mark.parametrize("steps", ["open", "closed"])
def test_pages_show_every_result_as_a_formula_above_its_derivation(steps: str) -> None:
    labelled = r"$$\nabla_x x^\top A x = ? \label{a}$$"
    text = f"::: {{.mdiff steps={steps}}}\n{LONG}\n\n{labelled}\n:::"
    page = pandoc("-f", "json", "-t", "html", "--mathjax", given=made(text, "html"))[0].decode()
    for part in page.split("<details")[1:]:
        assert "<summary>\nDerivation\n</summary>" in part
    assert page.count(r"\[\nabla_") == 2
