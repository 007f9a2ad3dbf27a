"""Every formula that pandoc finds has its place in the file."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mdiff_pandoc.cli.pandoc import read_ast
from mdiff_pandoc.document.locate import Formula, Place, formulas, locate
from mdiff_pandoc.document.source import Source, SourceError, read_source

ROOT = Path(__file__).parent.parent
SEEDS = sorted((ROOT / "tests" / "golden").glob("seed-*/input.md"))
SAMPLES = sorted(path for path in (ROOT / "samples").iterdir() if path.suffix in (".md", ".tex"))


def bare(text: str) -> str:
    return "".join(text.split())


def marked(document: str) -> tuple[str, list[tuple[int, int]]]:
    """The document without ⟦ and ⟧, and the ranges that stand between them."""
    ranges: list[tuple[int, int]] = []
    pieces: list[str] = []
    length = 0
    for piece in re.split("([⟦⟧])", document):
        if piece == "⟦":
            ranges.append((length, -1))
        elif piece == "⟧":
            ranges[-1] = (ranges[-1][0], length)
        else:
            pieces.append(piece)
            length += len(piece)
    return "".join(pieces), ranges


def found(
    text: str, name: str, *, expand: bool = True
) -> tuple[Source, list[Formula], list[Place | None]]:
    source = read_source(text.encode(), name)
    ast = read_ast(source, expand=expand)
    return source, formulas(ast), locate(ast, source)


def ranges_of(document: str, name: str, *, expand: bool = True) -> list[tuple[int, int]]:
    places = found(document, name, expand=expand)[2]
    return [(place.start, place.end) if place else (-1, -1) for place in places]


MARKDOWN = {
    "inline and display": "a $⟦x⟧$ b $$⟦y⟧$$ c\n\n$$\n⟦a\n  = b⟧\n$$",
    "kramdown": "where $$⟦f⟧$$ is $$⟦g⟧$$\n\n<center>$$⟦h⟧$$</center>",
    "inline code": "`$x$` and ``a ` $x$`` and $⟦x⟧$ `$x$`",
    "fenced code": "```\n$x$\n```\n\n~~~ {.py}\n$x$\n```\n$x$\n~~~\n\n$⟦x⟧$\n\n"
    "- a\n\n  ```\n  $x$\n  ```",
    "indented code": "    $x$\n\n    $x$\n\n$⟦x⟧$\n\n\t$x$\n\ntext\n    $⟦x⟧$",
    "code in an item": "- a\n\n      $x$\n\n- b\n\n    $⟦x⟧$\n",
    "comments": "<!-- $x$ -->\n\n<!--\n$x$\n\n```\n-->\n\n$⟦x⟧$ <!-- $x$ --> $⟦x⟧$\n\n`<!--` $⟦x⟧$",
    "metadata": "---\ntitle: $x$\nabstract: |\n  $x$\n\n  $x$\n...\n\n$⟦x⟧$\n\n---\n\n$⟦x⟧$",
    "title block": "% Title $x$\n% Me\n\n$⟦x⟧$",
    "block quote": "> a $⟦x\n> y⟧$\n> $$\n> ⟦a\n>  = b⟧\n> $$\nlazy $⟦x⟧$\n\n>> $⟦x⟧$",
    "no block quote": "so $⟦a\n> b⟧$",
    "lists": "1. a $⟦x⟧$\n\n   $$\n   ⟦a\n     = b⟧\n   $$\n\n"
    "    - b $⟦n\n      m⟧$\n    - $⟦x⟧$\n2. $⟦x⟧$",
    "quote in a list": "- a\n\n  > $⟦x⟧$\n  > $$⟦a\n  > b⟧$$\n",
    "table": "| a | b |\n|---|---|\n| $⟦x⟧$ | $⟦y⟧$ |\n| `$x$` | $⟦x⟧$ |",
    "figure": "![a $⟦x⟧$](i.png)\n\n$⟦x⟧$",
    "definition list": "Term $⟦x⟧$\n\n:   about $⟦y⟧$\n\n    $$⟦z⟧$$\n",
    "div": "::: {.a}\n$⟦x⟧$\n:::\n\n<div>\n$⟦x⟧$\n</div>",
    "links": "[a $⟦x⟧$](http://a$x$) <a href='$x$'>b</a> $⟦x⟧$ <http://a/$x$>\n\n[c]: http://b$x$",
    "dollars": "costs $5 and $6 and \\$x $⟦x⟧$ or $y$5",
    "dollar in a text": "$⟦a \\text{ if $b$ } c⟧$ $⟦x\\$y⟧$",
    "bare environments": "a\n\n⟦\\begin{align}\na &= b \\\\\n\nc &= d\n\\end{align}⟧\n\n"
    "b ⟦\\begin{equation} x \\end{equation}⟧ $⟦x⟧$",
    "bare environment in a quote": "> ⟦\\begin{align}\n> a &= b\n> \\end{align}⟧\n\n$⟦a⟧$",
    "theorem": "⟦\\begin{theorem}\nLet $x$\n\nbe $y$\n\\end{theorem}⟧\n\n$⟦x⟧$",
    "unclosed": "``` a\n\n$⟦x⟧$ `b\n\n<!-- $⟦x⟧$\n\n\\begin{align}\n\n$⟦x⟧$",
    "unicode": "ä 𝔸 $⟦∇ α⟧$ 𝔸 $⟦β⟧$",
    "tabs": "-\ta $⟦x\ty⟧$\n\n\t$⟦z⟧$",
    "raw html": "<pre>\n$x$\n\n$x$\n</pre>\n\n<script>\nvar a = '$x$'\n</script>\n\n$⟦x⟧$",
    "heading": "# A $⟦x⟧$ {#a}\n\nB $⟦x⟧$\n=====\n\n$⟦x⟧$",
    "macros": "\\newcommand{\\R}{\\mathbb{R}}\n\\newcommand{\\n}[2][2]{\\|#2\\|_{#1}}\n"
    "\\DeclareMathOperator{\\tr}{tr}\n\n$⟦x⟧$ $⟦\\R^n⟧$ $⟦\\n{A} \\tr B⟧$ $⟦\\n[F]{A}⟧$ "
    "$⟦\\R^n⟧$\n",
}


@pytest.mark.parametrize("expand", [True, False], ids=["expanded", "as written"])
@pytest.mark.parametrize("kind", MARKDOWN)
def test_formulas_of_markdown(kind: str, expand: bool) -> None:
    text, expected = marked(MARKDOWN[kind])
    assert ranges_of(text, "a.md", expand=expand) == expected


LATEX = {
    "delimiters": r"a $⟦x⟧$ \(⟦y⟧\) \[⟦z⟧\] $$⟦w⟧$$ \ensuremath{⟦u⟧} \begin{math}⟦v⟧\end{math}",
    "environments": "⟦\\begin{align}\n a &= b \\\\ % $x$\n c &= d \\\\[2pt]\n\\end{align}⟧\n\n"
    "⟦\\begin{eqnarray*} x&=&y \\end{eqnarray*}⟧ ⟦\\begin{equation}\\label{a} x\\end{equation}⟧",
    "comments": "% $x$\n50\\% $⟦x⟧$ % $x$\n\\\\% $x$\n$⟦a % $\n b⟧$",
    "verbatim": "\\verb|$x$| \\begin{verbatim}\n$x$\n\\end{verbatim}\n\\begin{lstlisting}\n$x$\n"
    "\\end{lstlisting} $⟦x⟧$",
    "apart": "\\title{$x$}\\author{$x$}\\begin{abstract}$x$\\end{abstract}\\iffalse $x$ \\fi $⟦x⟧$",
    "dollars": r"\$x\$ $⟦x⟧$ $⟦a \text{ if $b$}⟧$ $⟦x⟧$$⟦y⟧$",
    "theorem": "\\begin{theorem} $⟦x⟧$ \\[ ⟦y⟧ \\] \\end{theorem}",
    "table": "\\begin{tabular}{cc} $⟦x⟧$ & $⟦y⟧$ \\\\ $⟦x⟧$ & $⟦y⟧$ \\end{tabular}",
    "footnote": "a\\footnote{b $⟦x⟧$} $⟦x⟧$ \\section{c $⟦x⟧$}",
    "caption": "$⟦x⟧$ \\begin{figure}\\includegraphics{a$b}\\caption{a $⟦y⟧$}\n$⟦x⟧$\\end{figure} "
    "$⟦y⟧$",
    "addresses": r"\url{a$b} \href{a$b}{$⟦x⟧$} \index{$x$} \section[$x$]{a $⟦x⟧$}",
    "own environment": r"\newenvironment{eqn}{\begin{equation}}{\end{equation}}"
    r"\begin{eqn}⟦x⟧\end{eqn}",
    "line break": "a \\\\[2pt] b $⟦x⟧$ \\\\ $⟦y⟧$",
}


@pytest.mark.parametrize("kind", LATEX)
def test_formulas_of_latex(kind: str) -> None:
    before = "\\documentclass{article}\n\\newcommand{\\a}{$x$}\n\\begin{document}\n"
    text, expected = marked(before + LATEX[kind] + "\n\\end{document} $x$\n")
    assert ranges_of(text, "a.tex") == expected


def test_macros_for_the_ends_of_an_environment() -> None:
    text, expected = marked(
        "\\newcommand{\\be}{\\begin{equation}}\n\\def\\ee{\\end{equation}}\n\\let\\R\\mathbb\n"
        "\\begin{document}\n$⟦a⟧$ \\be ⟦x = \\R y⟧ \\ee $⟦b⟧$\n\\be ⟦z⟧\\ee\n\\end{document}"
    )
    assert ranges_of(text, "a.tex") == expected


def test_footnotes_are_read_where_they_are_referred_to() -> None:
    text = (
        "[^2]: two $x$\n\na[^1] $x$ b[^2] $y$ ^[c $z$]\n\n[^1]: one $y$\n\n    $$\n    x\n    $$\n"
    )
    source, wanted, places = found(text, "a.md")
    assert [bare(formula.text) for formula in wanted] == ["y", "x", "x", "x", "y", "z"]
    assert [source.position(place.start) for place in places if place] == [
        (5, 12),
        (8, 5),
        (3, 8),
        (1, 12),
        (3, 18),
        (3, 26),
    ]


def test_a_caption_is_counted_once() -> None:
    wanted = found("![a $x$](i.png)\n\n$y$", "a.md")[1]
    assert [(formula.text, formula.number) for formula in wanted] == [("x", 0), ("y", 1)]


def test_raw_environments_have_no_number() -> None:
    wanted = found("$x$\n\n\\begin{align} a \\end{align}\n\n\\newpage $y$", "a.md")[1]
    assert [(formula.raw, formula.number) for formula in wanted] == [
        (False, 0),
        (True, None),
        (False, 1),
    ]


def test_spans_in_a_formula() -> None:
    text = "> $$\n> a\n>   &= b + c\n> $$"
    source, (formula,), (place,) = found(text, "a.md")
    assert place is not None
    start = formula.text.index("b")
    assert place.span(start, start + 5) == (text.index("b"), text.index("c") + 1)
    assert source.position(place.span(start, start + 1)[0]) == (3, 8)
    assert place.span(0, len(formula.text)) == (place.start, place.end)
    assert place.span(start, start)[0] == text.index("b")
    assert place.span(len(formula.text), len(formula.text)) == (place.end, place.end)


def test_a_span_in_a_macro_is_the_whole_macro() -> None:
    text = "\\newcommand{\\n}[1]{\\|#1\\|}\n\n$a + \\n{Ax} b$"
    _, (formula,), (place,) = found(text, "a.md")
    assert place is not None

    def spelled(part: str) -> str:
        start = formula.text.index(part)
        begin, end = place.span(start, start + len(part))
        return text[begin:end]

    assert spelled("Ax") == "Ax"
    assert spelled(r"\|Ax\|") == r"\n{Ax}"
    assert spelled(r"\|") == r"\n{Ax}"
    assert spelled("b") == "b"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "BOM"])
def test_lines_and_columns_as_an_editor_shows_them(end: str, mark: str) -> None:
    text = mark + end.join(["$a$ é $b$", "", "\t$c$ is $d$", "> $e", "> f$", "", "$$", "g", "$$"])
    source = read_source(text.encode(), "a.md")
    ast = read_ast(source)
    places = locate(ast, source)
    assert [source.position(place.start) for place in places if place] == [
        (1, 2),
        (1, 8),
        (4, 4),
        (8, 1),
    ]
    assert source.line(source.text.index("g")) == ("g", 0)


@pytest.mark.parametrize(
    "path", [*SEEDS, *SAMPLES], ids=lambda path: f"{path.parent.name}-{path.name}"
)
@pytest.mark.parametrize("expand", [True, False], ids=["expanded", "as written"])
def test_every_formula_of_real_documents(path: Path, expand: bool) -> None:
    source, wanted, places = found(path.read_text(), path.name, expand=expand)
    assert wanted
    assert None not in places
    last = 0
    for formula, place in zip(wanted, places, strict=True):
        assert place is not None
        assert place.span(0, len(formula.text)) == (place.start, place.end)
        assert place.start >= last, "the formulas of these documents stand in reading order"
        last = place.end
        if not expand:
            assert bare(formula.text) == bare(source.text[place.start : place.end])


def test_old_names_of_environments() -> None:
    """Up to 3.6 pandoc reads align as aligned, and leaves out equation."""
    text = "\\begin{align}\na &= b\n\\end{align}\n\\begin{equation}\nc\n\\end{equation}\n"
    source = read_source(text.encode(), "a.tex")
    old = ["\\begin{aligned}\na &= b\n\\end{aligned}", "c"]
    maths = [{"t": "Math", "c": [{"t": "DisplayMath"}, latex]} for latex in old]
    places = locate({"blocks": [{"t": "Para", "c": maths}]}, source)
    assert [
        source.position(p.span(0, len(t))[0]) for p, t in zip(places, old, strict=True) if p
    ] == [
        (1, 1),
        (5, 1),
    ]
    assert places[0] is not None
    assert places[0].span(old[0].index("= b"), old[0].index("= b") + 3) == (17, 20)


NOTEBOOK = {
    "cells": [
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": ["# A $a$\n", 'is "q" $\\alpha + é$\n', "```\n", "$a$\n", "```"],
        },
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["s = '$b$'\n"]},
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": "b 𝔸 $b$\n\n\\begin{align}\na &= b\n\\end{align}\n\n$$\n\\frac{a}{b}\n$$",
        },
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 4,
}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("indent", [None, 1])
def test_notebooks(ascii_only: bool, indent: int | None) -> None:
    raw = json.dumps(NOTEBOOK, ensure_ascii=ascii_only, indent=indent)
    source, wanted, places = found(raw, "a.ipynb")
    assert [bare(formula.text) for formula in wanted] == [
        "a",
        "\\alpha+é",
        "b",
        "\\begin{align}a&=b\\end{align}",
        "\\frac{a}{b}",
    ]
    lines = raw.split("\n")
    shown = []
    for place in places:
        assert place is not None
        line, column = source.position(place.start)
        shown.append((source.cell(place.start), lines[line - 1][column - 1 :][:7]))
    assert [(cell, text[:1]) for cell, text in shown[:3]] == [(1, "a"), (1, "\\"), (3, "b")]
    assert shown[1][1] == "\\\\alpha"
    assert shown[3:] == [(3, "\\\\begin"), (3, "\\\\frac{"[:7])]


def test_other_readers() -> None:
    text, expected = marked("a $`⟦x⟧`$ $⟦y⟧$\n\n```math\n⟦x\n+ y⟧\n```\n\n$⟦z⟧$ $⟦x⟧$\n")
    source = replace(read_source(text.encode(), "a.md"), reader="gfm", expanding="gfm")
    places = locate(read_ast(source), source)
    assert [(place.start, place.end) for place in places if place] == expected
    text, expected = marked("a :math:`⟦x⟧` b\n\n.. math::\n\n   ⟦\\frac{a}{b} + x⟧\n")
    assert ranges_of(text, "a.rst") == expected


def test_what_is_not_in_the_file_has_no_place() -> None:
    source = read_source(b"a $x_1$ b $x_2$", "a.md")
    maths = [{"t": "Math", "c": [{"t": "InlineMath"}, t]} for t in ("x_1", "\\sin(y)", "x_2")]
    places = locate({"blocks": [{"t": "Para", "c": maths}]}, source)
    assert [place is None for place in places] == [False, True, False]


def test_files_that_are_no_text() -> None:
    with pytest.raises(SourceError, match="line 2, byte 0xe9 at offset 5") as latin:
        read_source("ab\r\nc\u00e9".encode("latin1"), "a.md")
    assert "iconv -f latin1" in latin.value.hint
    assert latin.value.line == 2
    with pytest.raises(SourceError, match="UTF-16"):
        read_source("a".encode("utf-16"), "a.md")
    with pytest.raises(SourceError, match="line 2, byte 0xff at offset 6"):
        read_source(b"\xef\xbb\xbf\r\na\xff", "a.md")


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [("a.tex", "a\n\n$x", 4), ("a.md", "---\na: [b\n---\n", 1), ("a.ipynb", '{"cells": [', None)],
)
def test_what_pandoc_does_not_understand(name: str, text: str, line: int | None) -> None:
    with pytest.raises(SourceError, match="pandoc cannot read it") as error:
        read_ast(read_source(text.encode(), name))
    assert error.value.line is None if line is None else error.value.line in (line, line - 1)


def test_a_long_document_is_quick() -> None:
    words = "some words of text " * 10
    lines = [f"{words} $x_{{{i % 1700}}}$ and $$\ny_{{{i}}} \\in \\R\n$$\n" for i in range(2500)]
    text = "\\newcommand{\\R}{\\mathbb{R}}\n\n" + "\n".join(lines)
    maths = []
    for i in range(2500):
        maths.append({"t": "Math", "c": [{"t": "InlineMath"}, f"x_{{{i % 1700}}}"]})
        maths.append({"t": "Math", "c": [{"t": "DisplayMath"}, f"y_{{{i}}} \\in \\mathbb{{R}}"]})
    source = read_source(text.encode(), "a.md")
    before = time.process_time()
    places = locate({"blocks": [{"t": "Para", "c": maths}]}, source)
    assert time.process_time() - before < 5
    assert None not in places
    starts = [place.start for place in places if place]
    assert starts == sorted(starts)


FORMULAS = ["x", "y", "A B", "a > b", "\\frac{a}{b}", "x_1 + y", "\\R^n", "\\n{x}", "\\$ é"]
INLINE = [
    "word $F$ word",
    "`$F$` and $F$ $F$",
    "*$F$* and **F** $$F$$",
    "<!-- $F$ --> \\$ $F$, 5\\$",
    "[$F$](http://a.b/$F$) costs $5",
    "`` ` $F$ `` <b title='$F$'>$F$</b>",
]
BLOCKS = [
    "$$\nF\n$$",
    "```\n$F$\n```",
    "    $F$",
    "<!--\n$F$\n\n-->",
    "\\begin{align}\nF &= F\n\\end{align}",
    "| a | b |\n|---|---|\n| $F$ | $F$ |",
    "# H $F$",
    "a[^N] $F$\n\n[^N]: note $F$\n\n    $$\n    F\n    $$",
]


@st.composite
def documents(draw: st.DrawFn, depth: int = 2) -> str:
    """Blocks one after another; every formula, or what looks like one, between ⟦ and ⟧."""
    made: list[str] = []
    for _ in range(draw(st.integers(1, 4 if depth < 2 else 8))):
        kind = draw(st.integers(0, 9))
        if kind < 2 and depth:
            lines = draw(documents(depth - 1)).split("\n")
            first, rest = ("> ", "> ") if kind else ("1.  word\n\n    ", "    ")
            made.append(
                "\n".join([first + lines[0], *((rest + line).rstrip() for line in lines[1:])])
            )
        else:
            template = draw(st.sampled_from(INLINE if kind < 6 else BLOCKS))
            template = template.replace("N", str(draw(st.integers(0, 10**9))))
            pieces = re.split(r"F", template)
            slots = [f"⟦{draw(st.sampled_from(FORMULAS))}⟧" for _ in pieces[1:]]
            made.append("".join(x for pair in zip(pieces, [*slots, ""], strict=True) for x in pair))
    return "\n\n".join(made)


@settings(max_examples=60)
@given(documents(), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_random_documents(document: str, expand: bool, end: str) -> None:
    """The same document with numbered formulas tells which one each of them is."""
    macros = "\\newcommand{\\R}{\\mathbb{R}}\n\\newcommand{\\n}[1]{\\|#1\\|}\n\nstart\n\n"
    text, slots = marked(macros + document + "\n\nend\n")
    counted = iter(range(len(slots)))
    numbered = re.sub("⟦(.*?)⟧", lambda m: f"{m[1]}_{{@{next(counted)}}}", macros + document)
    told = formulas(read_ast(read_source((numbered + "\n\nend\n").encode(), "a.md")))
    source, wanted, places = found(text.replace("\n", end), "a.md", expand=expand)
    assert len(told) == len(wanted) == len(places)
    for numbers, formula, place in zip(told, wanted, places, strict=True):
        first, *_, last = [slots[int(n)] for n in re.findall(r"_\{@(\d+)\}", numbers.text)] * 2
        assert place is not None, formula
        assert place.start <= first[0] <= last[1] <= place.end, (
            formula,
            source.position(place.start),
        )
        assert formula.raw or (place.start, place.end) == first
        assert place.span(0, len(formula.text)) == (place.start, place.end)
