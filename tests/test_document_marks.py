"""Checking inside builds: which formulas get which mark, and what is reported."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pypandoc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdiff_pandoc.document.claims import check_formulas
from mdiff_pandoc.document.convert import Converted, convert
from mdiff_pandoc.document.explanation import explanation
from mdiff_pandoc.document.marks import unmarked, verdict_of
from mdiff_pandoc.document.plain_math import plain_math, readable
from mdiff_pandoc.document.settings import Settings, from_attributes, from_metadata
from mdiff_pandoc.errors import Span
from mdiff_pandoc.service.claim import Claim

CHECK = "---\nmdiff: {check: true}\n---\n\n"
RIGHT, WRONG = r"\nabla_x x^\top x = 2x", r"\nabla_x x^\top x = 3x"
WRITERS = ("html", "latex", "beamer", "docx", "gfm", "typst", "plain")
ROWS = r"""
$$\begin{align}
f(x) &= \|Ax\|^2 \\
\nabla_x f(x) &= 2 A^\top A x \label{a} \\
&= A^\top A x, \label{b} \\
&= A^\top (A x) \nonumber
\end{align}$$
"""


def pandoc(*arguments: str, text: str) -> str:
    command = [pypandoc.get_pandoc_path(), *arguments]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True).stdout


def built(text: str, writer: str = "html", **options: Any) -> Converted:
    raw = pandoc("-f", "markdown", "-t", "json", "-s", text=text)
    return convert(raw.encode(), writer, **options)


def elements(node: Any, kind: str) -> list[Any]:
    if isinstance(node, list):
        return [found for item in node for found in elements(item, kind)]
    if not isinstance(node, dict):
        return []
    inner = [found for value in node.values() for found in elements(value, kind)]
    return [node["c"], *inner] if node.get("t") == kind else inner


def marks(done: Converted) -> list[dict[str, str]]:
    """The attributes of all marks, with ``text``."""
    blocks = json.loads(done.json)["blocks"]
    return [
        {**dict(attributes), "text": "".join(elements(content, "Str"))}
        for (_, classes, attributes), content in elements(blocks, "Span")
        if "mdiff-mark" in classes
    ]


def verdicts(done: Converted) -> list[str]:
    return [mark["data-verdict"] for mark in marks(done)]


def claim(verdict: str, number: int = 0, **told: Any) -> Claim:
    return Claim(number, "a = b", Span(0, 5), Span(2, 3), verdict, **told)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ("verified definition", "verified"),
        ("verified verified", "verified"),
        ("verified undecided", ""),
        ("undecided", ""),
        ("definition", ""),
        ("", ""),
        ("verified refuted undecided", "refuted"),
    ],
)
def test_a_tick_is_for_formulas_in_which_all_is_verified(found: str, verdict: str) -> None:
    assert verdict_of([claim(one) for one in found.split()]) == verdict


def test_a_document_is_checked_where_its_metadata_say_so() -> None:
    text = f"Right: ${RIGHT}$. Wrong: ${WRONG}$. Let $y = x$ and $g(x) = \\ldots$."
    assert verdicts(built(CHECK + text)) == ["verified", "refuted"]
    for value in ("false", "no"):
        done = built(CHECK.replace("true", value) + text)
        assert (verdicts(done), done.report) == ([], ())
    assert verdicts(built(text)) == []


def test_without_requests_and_checks_the_bytes_are_the_same() -> None:
    raw = pandoc("-f", "markdown", "-t", "json", "-s", text=f"${WRONG}$").encode()
    assert convert(raw, "html").json is raw
    off = pandoc(
        "-f", "markdown", "-t", "json", "-s", text="---\nmdiff: {check: false}\n---\n$x=y$"
    )
    assert convert(off.encode(), "html").json == off.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"${WRONG}$ [${WRONG}$]{{.mdiff-check}}", ["refuted"]),
        (f"${WRONG}$\n\n::: mdiff-check\n${RIGHT}$\n:::\n\n${WRONG}$", ["verified"]),
        (f"::: {{.mdiff-check check=false}}\n${WRONG}$\n:::", []),
        (f"::: {{.mdiff check=true}}\n${WRONG}$\n:::", ["refuted"]),
        (f"{CHECK}::: mdiff-skip\n${WRONG}$\n:::\n\n[${WRONG}$]{{.mdiff-skip}}", []),
        (f"{CHECK}::: {{.mdiff check=false}}\n${WRONG}$\n:::\n\n${RIGHT}$", ["verified"]),
        (f"---\ntitle: ${WRONG}$\nmdiff: {{check: true}}\n---\n![${WRONG}$](a.png) x", []),
    ],
)
def test_where_formulas_are_checked(text: str, expected: list[str]) -> None:
    assert verdicts(built(text)) == expected


@pytest.mark.parametrize(
    ("text", "fatal"),
    [
        (f"---\nmdiff: {{check: fail}}\n---\n${WRONG}$", True),
        (f"---\nmdiff: {{check: fail}}\n---\n${RIGHT}$ and $\\nabla_x h = u$", False),
        (f"{CHECK}${WRONG}$", False),
        (f"::: {{.mdiff-check check=fail}}\n${WRONG}$\n:::", True),
        (f"---\nmdiff: {{check: fail}}\n---\n::: mdiff-check\n${WRONG}$\n:::", True),
        (f"${WRONG}$\n\n::: {{.mdiff-check check=fail}}\n${RIGHT}$\n:::", False),
    ],
)
def test_a_refuted_equality_stops_the_build_that_is_to_fail(text: str, fatal: bool) -> None:
    assert built(text).fatal is fatal


def test_the_report_tells_what_is_wrong_and_where() -> None:
    done = built(f"{CHECK}${RIGHT}$\n\n${WRONG}$", file="notes.md", quiet=True)
    [line] = done.report
    heading, source, caret, *rest = line.split("\n")
    assert heading == rf"notes.md: equation 2: refuted: {WRONG}"
    assert source[caret.index("^")] == "="
    assert any("counterexample" in one for one in rest)
    assert rest[-1].startswith("  help: ")


def test_a_verbose_report_tells_of_all_equalities_and_sums_up() -> None:
    text = rf"{CHECK}${RIGHT}$, ${WRONG}$, $h = \nabla_x \ldots$, $\nabla_x h = \cdots$"
    lines = built(text, verbose=True).report
    assert any(re.search(r"equation 1: verified: ", line) for line in lines)
    assert any(re.search(r"equation 4: undecided: .* – ", line) for line in lines)
    assert re.search(r": 3 equalities checked: 1 verified, 1 refuted, 1 undecided", lines[-1])
    assert not any("undecided" in line for line in built(text).report)


def test_requests_are_answered_and_their_derivations_left_alone() -> None:
    text = (
        rf"{CHECK}$${RIGHT}$$"
        + "\n\n$$\\nabla_x x^\\top A x = ?$$\n\nand $\\nabla_x x^\\top x = ?$"
    )
    done = built(text)
    assert verdicts(done) == ["verified"]
    assert done.json.count(b'"data-status","verified"') == 2


def test_rows_beside_a_request_are_checked() -> None:
    text = rf"""{CHECK}
$$\begin{{align}}
{WRONG.replace("=", "&=")} \\
\nabla_y y^\top A y &= ? \\
{RIGHT.replace("=", "&=")}
\end{{align}}$$
"""
    assert verdicts(built(text)) == ["refuted", "verified"]


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    "text",
    [
        f"${RIGHT}$ and ${WRONG}$.",
        f"$${RIGHT}$$ {{#eq:a}}\n\n$${WRONG}.$$ {{#eq:b}}\n",
        ROWS,
        f"A note^[with ${WRONG}$]\n\n# and ${WRONG}$\n\n| a |\n|--|\n| ${WRONG}$ |\n",
        "Let $A \\in \\mathbb{R}^{m \\times n}$.\n\n$$\\nabla_X \\operatorname{tr}(A X) = A$$\n",
    ],
)
def test_a_second_run_changes_nothing(text: str, writer: str) -> None:
    once = built(CHECK + text, writer)
    twice = convert(once.json, writer)
    assert json.loads(twice.json) == json.loads(once.json)
    assert once.report == twice.report
    assert "refuted" in "".join(once.report)


def test_a_web_page_tells_the_reason_to_everybody() -> None:
    [mark] = marks(built(f"{CHECK}${WRONG}$"))
    assert (mark["text"], mark["role"], mark["data-equality"]) == ("✗", "img", "0")
    assert mark["title"] == mark["aria-label"]
    assert "on the left" in mark["title"]
    assert not set(mark["title"]) & set("$\\{}")


def test_the_mark_of_a_display_formula_stands_behind_what_belongs_to_it() -> None:
    text = f"{CHECK}$${WRONG}$$ {{#eq:b}}.\n"
    page = pandoc("-f", "json", "-t", "native", text=built(text).json.decode())
    assert page.index("DisplayMath") < page.index("{#eq:b}") < page.index("mdiff-mark")


def test_formulas_keep_their_text_on_a_web_page_but_for_wrong_rows() -> None:
    math = elements(json.loads(built(CHECK + ROWS).json)["blocks"], "Math")
    [(_, text)] = math
    assert unmarked(text) == ROWS.strip().strip("$")
    rows = text.split(r"\\")
    assert ["✗" in row for row in rows] == [False, False, True, False]


def test_latex_marks_wrong_rows_before_their_labels() -> None:
    page = pandoc("-f", "json", "-t", "latex", text=built(CHECK + ROWS, "latex").json.decode())
    assert r"&= A^\top A x, \quad \mdiffcrossnote \label{b} \\" in page
    assert r"&= A^\top (A x) \nonumber" in page
    assert page.count(r"\mdiffnotebelow{\(2 A") == 1
    assert r"\label{a} \\" in page


@pytest.mark.parametrize(
    ("formula", "end"),
    [
        (RIGHT + ".", r"2x. \quad \checkmark\]"),
        (RIGHT + "% why\n", "2x \\quad \\checkmark% why\n\\]"),
        (RIGHT + r" \tag{7}", r"2x \quad \checkmark \tag{7}\]"),
        (RIGHT + r" \qquad (7)", r"2x \quad \checkmark \qquad (7)\]"),
        (rf"\begin{{equation}}{RIGHT}\end{{equation}}", r"2x \quad \checkmark\end{equation}"),
    ],
)
def test_latex_marks_a_display_formula_at_its_end(formula: str, end: str) -> None:
    done = built(f"{CHECK}$${formula}$$", "latex")
    assert end in pandoc("-f", "json", "-t", "latex", text=done.json.decode())


@pytest.mark.parametrize(
    "text",
    [
        f"# A heading ${WRONG}$",
        f"A note^[with ${WRONG}$]",
        f"| a |\n|--|\n| ${WRONG}$ |\n",
        f"| a |\n|--|\n| b |\n\n: Caption ${WRONG}$\n",
        f"![Caption ${WRONG}$](a.png)",
    ],
)
def test_no_note_where_latex_takes_none(text: str) -> None:
    done = built(CHECK + text, "latex")
    page = pandoc("-f", "json", "-t", "latex", text=done.json.decode())
    assert r"\mdiffcross\)" in page
    assert r"\mdiffnote{For" not in page
    assert r"\mdiffnote{For" in pandoc(
        "-f", "json", "-t", "latex", text=built(f"{CHECK}${WRONG}$", "latex").json.decode()
    )


@pytest.mark.parametrize("writer", ["docx", "gfm", "typst", "plain", "odt"])
def test_other_formats_tell_the_reason_in_a_footnote(writer: str) -> None:
    for formula in (f"${WRONG}$", f"$${WRONG}$$"):
        done = built(CHECK + formula, writer)
        [note] = elements(json.loads(done.json)["blocks"], "Note")
        assert verdicts(done) == ["refuted"]
        assert "left" in elements(note, "Str")
        assert ("x" in "".join(elements(note, "Str"))) == (writer == "plain")
        assert json.dumps(json.loads(done.json)["blocks"], ensure_ascii=False).count("✗") == 1
    tick = built(f"{CHECK}$${RIGHT}$$", writer)
    [(_, text)] = elements(json.loads(tick.json)["blocks"], "Math")
    assert text == rf"{RIGHT} \quad \checkmark"


def test_raw_environments_are_marked_where_they_are_shown() -> None:
    text = f"{CHECK}\\begin{{align}}\n{WRONG.replace('=', '&=')}\n\\end{{align}}\n"
    assert verdicts(built(text, "html")) == ["refuted"]
    page = pandoc("-f", "json", "-t", "latex", text=built(text, "latex").json.decode())
    assert "3x \\quad \\mdiffcrossnote\n\\end{align}" in page
    done = built(text, "docx")
    assert verdicts(done) == []
    assert len(done.report) == 1


ALIGNED = r"""
$$\begin{aligned}
(AB)^\top &= B^\top A^\top, & (AB)^{-1} &= A^{-1} B^{-1}, \\
(AB)^\top &= A^\top B^\top \\
(AB)^\top A &= A^\top B^\top A
\end{aligned}$$
"""


def crosses(text: str, writer: str) -> list[bool]:
    """Which of the cells of the display formula in ``text`` end with a cross?"""
    done = built(f"{CHECK}Let $A, B \\in \\mathbb{{R}}^{{n \\times n}}$.\n\n{text}", writer)
    formulas = elements(json.loads(done.json)["blocks"], "Math")
    [latex] = [latex for kind, latex in formulas if kind["t"] == "DisplayMath"]
    return [
        re.search(r"\\quad (\\;\\textsf\{✗\}|\\text\{✗\}|\\mdiffcross\w*)\s*(\\end.*)?$", cell)
        is not None
        for row in latex.split(r"\\")
        for cell in row.split(", &")
    ]


@pytest.mark.parametrize("writer", WRITERS)
def test_a_cross_stands_in_every_wrong_row_and_nowhere_else(writer: str) -> None:
    assert crosses(ALIGNED, writer)[0::2] == [False, True]
    wrong = r"(AB)^\top &= A^\top B^\top"
    right = r"(AB)^\top &= B^\top A^\top"
    for first, last in ((wrong, right), (right, wrong), (wrong, wrong)):
        text = rf"$$\begin{{split}} {first} \\ {last} \end{{split}}$$"
        assert crosses(text, writer) == [first == wrong, last == wrong]


def test_the_mark_of_several_rows_is_for_readers_who_do_not_see_them() -> None:
    text = r"$$\begin{split} x^\top y &= y^\top x \\ x^\top y &= -y^\top x \end{split}$$"
    done = built(CHECK + text)
    [mark] = marks(done)
    [outer] = [
        (classes, dict(attributes))
        for (_, classes, attributes), _ in elements(json.loads(done.json)["blocks"], "Span")
        if "mdiff-checked" in classes
    ]
    assert outer[1]["title"] == mark["title"]
    assert b"mdiff-in-rows" in done.json
    assert b'mdiff-in-rows"' not in built(CHECK + text.replace("= -", "= ")).json
    assert b'mdiff-in-rows"' not in built(f"{CHECK}$${WRONG}$$").json


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\frac{1}{2} \lVert Xw - y \rVert_2^2", "1/2 ‖ Xw - y ‖₂²"),
        (r"\frac{\partial f}{\partial X_{ij}}", "∂f/∂Xᵢⱼ"),
        (r"(X^\top X + \lambda I_p)^{-1}", "(Xᵀ X + λIₚ)⁻¹"),
        (r"\left(\begin{smallmatrix} 2 & 3 \\ -1 & 0 \end{smallmatrix}\right)", "[2 3; -1 0]"),
        (r"\sigma'(t) \odot \hat{\mathbf x}^{\mathsf{T}}", "σ'(t) ⊙ x̂ᵀ"),
        (r"A^{m \times n} \operatorname{tr}(S)_{\text{max}}", "A^(m × n) tr(S)ₘₐₓ"),
        (r"\sqrt{x + 1} \in \mathbb{R}", "√(x + 1) ∈ ℝ"),
        (r"\argmax_\beta f", "argmax_β f"),
        (r"\lambda = \alpha \beta + \gamma", "λ = αβ + γ"),
    ],
)
def test_formulas_in_plain_unicode(latex: str, plain: str) -> None:
    assert plain_math(latex) == plain
    assert readable(f"for ${latex}$,") == f"for {plain},"


def test_the_notes_of_an_answer_in_a_sentence_are_plain_text() -> None:
    done = built(r"Let $S$ be symmetric: $\nabla_S \operatorname{tr}(AS) = ?$")
    [(_, _, attributes)] = [span[0] for span in elements(json.loads(done.json)["blocks"], "Span")]
    assert "1/2 (G + Gᵀ)" in dict(attributes)["title"]


@given(st.lists(st.sampled_from(["\\", "{", "}", "^", "_", "frac", "x", "begin", "end", " ", "&"])))
def test_any_text_has_a_plain_form_without_commands(pieces: list[str]) -> None:
    assert "\\" not in plain_math("".join(pieces))


def test_a_long_reason_is_left_to_the_report() -> None:
    long = "+".join(["x^2"] * 40)
    told = explanation([claim("refuted", reason="it is wrong", suggestion=f"write ${long}$")])
    assert told == "It is wrong. See the report of the build."
    many = [claim("refuted", place, reason="it is wrong " * 20) for place in range(20)]
    assert len(explanation(many)) < 600
    wide = Claim(1, f"{long} = x", Span(0, 5), Span(2, 3), "refuted", reason="no")
    assert explanation([claim("verified"), wide]).startswith(r"$\ldots = x$: no")


def test_several_equalities_of_a_formula_are_told_apart() -> None:
    told = [
        claim("verified"),
        claim("refuted", 1, reason=r"cannot multiply A^\top by x", suggestion="holds with $A$"),
        claim("refuted", 2, reason="the sides differ"),
    ]
    assert explanation(told) == (
        r"$a = b$: cannot multiply $A^\top$ by x. It holds with $A$. $a = b$: the sides differ."
    )
    assert explanation(told[1:2]).startswith("Cannot multiply")


def test_bare_formulas_and_negative_numbers_in_reasons_become_formulas() -> None:
    reason = r"cannot multiply (X^\top X)^{-1} (p×p) by x_1, the sum (of 2) is -1.5."
    assert explanation([claim("refuted", reason=reason)]) == (
        r"Cannot multiply $(X^\top X)^{-1}$ (p×p) by $x_1$, the sum (of 2) is $-1.5$."
    )
    prose = r"no shape (that of x_1 is n×m) fits."
    assert explanation([claim("refuted", reason=prose)]) == "No shape (that of $x_1$ is n×m) fits."
    assert explanation([claim("refuted", reason=r"W ( is \left( _")]) == r"W ( is \left( _."


@pytest.mark.parametrize("writer", ["html", "latex", "docx"])
def test_the_mark_stands_behind_the_side_that_follows_in_a_formula_of_its_own(writer: str) -> None:
    text = (
        CHECK
        + r"So $\nabla_x x^\top x =$ $3x$, and $\nabla_x b^\top x =$ $b$ as $x^\top y = y^\top x$."
    )
    once = built(text, writer)
    assert verdicts(once) == ["refuted", "verified", "verified"]
    page = pandoc("-f", "json", "-t", "native", text=once.json.decode())
    assert page.index('"3x"') < page.index("mdiff-refuted") < page.index("b^")
    assert json.loads(convert(once.json, writer).json) == json.loads(once.json)


@pytest.mark.parametrize("writer", WRITERS)
def test_a_side_in_a_display_formula_of_its_own_keeps_its_mark(writer: str) -> None:
    text = CHECK + "so $$\\nabla_x x^\\top x =$$ $$3x = x + x + x$$\n"
    once = built(text, writer)
    assert [line.count("refuted") for line in once.report] == [1]
    assert json.loads(convert(once.json, writer).json) == json.loads(once.json)


def test_a_second_run_checks_no_more_than_the_first() -> None:
    once = built(f"{CHECK}::: {{.mdiff check=false}}\n${WRONG}$\n:::\n", "html")
    assert verdicts(convert(once.json, "html")) == []


def test_what_a_note_says_declares_nothing() -> None:
    text = f"{CHECK}${WRONG}$ and $x^\\top B x = x^\\top C x$."
    once = built(text, "docx")
    assert convert(once.json, "docx").report == once.report


@pytest.mark.parametrize(
    "text", [ROWS, f"${RIGHT}$ ${WRONG}$\n\n$$C = AB$$\n\nThus\n\n$$C = BA$$\n"]
)
def test_builds_and_the_checker_agree(text: str) -> None:
    found, _ = check_formulas(json.loads(pandoc("-t", "json", text=text)), Settings())
    told = [one.verdict for item in found for one in item.checked.claims]
    report = built(CHECK + text, verbose=True).report
    assert [re.search(r"equation \d+: (\w+)", line)[1] for line in report[:-2]] == told  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "check"),
    [(True, "mark"), ("true", "mark"), ("yes", "mark"), (False, "off"), ("fail", "fail")],
)
def test_values_of_check(value: object, check: str) -> None:
    assert from_metadata({"check": value}, Settings()).settings.check == check


def test_a_wrong_value_of_check_is_an_error() -> None:
    [error] = from_attributes({"check": "strict"}, Settings()).errors
    assert "fail" in error.hint
