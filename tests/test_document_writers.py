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
    body = formulas(made(text, writer))[0].removeprefix(r"\begin{aligned}")
    shown = body.removesuffix(r"\end{aligned}").split(r"\\")
    return [re.sub(r"\\uncover<[.+]->|&", "", line).strip() for line in shown]


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
