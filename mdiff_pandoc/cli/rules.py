"""The tables of rules as a page: statement, source and example of every rule."""

from __future__ import annotations

from collections.abc import Iterator

from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.rules import TABLES, Rule

_SOURCES = (
    "MN: J. R. Magnus and H. Neudecker, Matrix Differential Calculus with Applications in "
    "Statistics and Econometrics, 3rd edition, 2019.",
    "PP: K. B. Petersen and M. S. Pedersen, The Matrix Cookbook, 2012; numbers are equations.",
    "Minka: T. P. Minka, Old and New Matrix Algebra Useful for Statistics, 2000.",
)


def statement(rule: Rule) -> str:
    """What the rule says, in LaTeX."""
    return f"{print_latex(rule.left)} = {print_latex(rule.right)}"


def markdown_page() -> str:
    """All tables as a Markdown document."""
    return "\n".join(_markdown()).rstrip() + "\n"


def latex_page() -> str:
    """All tables as a LaTeX document."""
    return "\n".join(_latex()).rstrip() + "\n"


def _markdown() -> Iterator[str]:
    yield from ("---", "title: The rules of mdiff", "---", "")
    for table, rules in TABLES.items():
        yield from (f"# {table.value.capitalize()}", "")
        for rule in rules:
            yield from (f"## {rule.name}", "", f"$${statement(rule)}$$", "")
            yield f"Source: {rule.source}." + (
                f" Example: `{rule.example}`." if rule.example else ""
            )
            yield ""
    yield from ("# Sources", "")
    yield from (f"- {source}" for source in _SOURCES)


def _latex() -> Iterator[str]:
    yield r"\documentclass{article}"
    yield r"\usepackage{amsmath,amssymb}"
    yield r"\title{The rules of mdiff}\date{}"
    yield r"\begin{document}"
    yield r"\maketitle"
    for table, rules in TABLES.items():
        yield rf"\section{{{table.value.capitalize()}}}"
        for rule in rules:
            yield rf"\paragraph{{{rule.name}}}\[{statement(rule)}\]"
            source = rule.source.replace("§", r"\S ")
            yield f"Source: {source}." + (
                rf" Example: \verb!{rule.example}!." if rule.example else ""
            )
    yield r"\section{Sources}"
    yield r"\begin{itemize}"
    yield from (rf"\item {source}" for source in _SOURCES)
    yield r"\end{itemize}"
    yield r"\end{document}"
