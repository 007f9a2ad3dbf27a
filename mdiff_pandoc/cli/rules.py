"""The tables of rules as a page: statement, source and example of every rule."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mdiff_pandoc.cli.given import given
from mdiff_pandoc.document.words.rule_list import anchor
from mdiff_pandoc.expr import Op, walk
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.rules import TABLES, Rule

_SOURCES = (
    "MN: J. R. Magnus and H. Neudecker, Matrix Differential Calculus with Applications in "
    "Statistics and Econometrics, 3rd edition, 2019.",
    "PP: K. B. Petersen and M. S. Pedersen, The Matrix Cookbook, 2012; numbers are equations.",
    "Minka: T. P. Minka, Old and New Matrix Algebra Useful for Statistics, 2000.",
    "BV: S. Boyd and L. Vandenberghe, Convex Optimization, 2004.",
    "Higham: N. J. Higham, Functions of Matrices: Theory and Computation, 2008.",
    "HJ: R. A. Horn and C. R. Johnson, Matrix Analysis, 2nd edition, 2013.",
    "Golub and Pereyra 1973: G. H. Golub and V. Pereyra, The Differentiation of Pseudo-Inverses "
    "and Nonlinear Least Squares Problems Whose Variables Separate, SIAM Journal on Numerical "
    "Analysis 10(2).",
    "Golub and Meyer 1986: G. H. Golub and C. D. Meyer, Using the QR Factorization and Group "
    "Inversion to Compute, Differentiate, and Estimate the Sensitivity of Stationary Probabilities "
    "for Markov Chains, SIAM Journal on Algebraic and Discrete Methods 7(2).",
    "Watson 1992: G. A. Watson, Characterization of the Subdifferential of Some Matrix Norms, "
    "Linear Algebra and its Applications 170.",
    "EAS: A. Edelman, T. A. Arias and S. T. Smith, The Geometry of Algorithms with Orthogonality "
    "Constraints, SIAM Journal on Matrix Analysis and Applications 20(2), 1998.",
    "LMG: S. Laue, M. Mitterreiter and J. Giesen, Computing Higher Order Derivatives of Matrix and "
    "Tensor Expressions, 2018.",
    "AMS: P.-A. Absil, R. Mahony and R. Sepulchre, Optimization Algorithms on Matrix Manifolds, "
    "2008.",
)


def statement(rule: Rule) -> str:
    """What the rule says, in LaTeX; with sizes where they do not follow from the other symbols."""
    nodes = (node for side in (rule.left, rule.right) for node in walk(side))
    sized = any(
        arg.op in (Op.IDENTITY, Op.ONES)
        for node in nodes
        if node.op in (Op.KRON, Op.VEC)
        for part in node.args
        for arg in walk(part)
    )
    notation = Notation(sized=sized)
    return f"{print_latex(rule.left, notation)} = {print_latex(rule.right, notation)}"


def conditions(rule: Rule) -> str:
    """What the statement asks of its symbols: ``Here $S$ is symmetric.``"""
    told = given(rule.left, rule.right)
    return f"Here {told}." if told else ""


def markdown_page() -> str:
    """All tables as a Markdown document."""
    return "\n".join(_markdown()).rstrip() + "\n"


def latex_page() -> str:
    """All tables as a LaTeX document."""
    return "\n".join(_latex()).rstrip() + "\n"


def json_page() -> str:
    """What documents tell of the rules, as JSON: statement, facts and source of every rule."""
    rules = {
        rule.name: {
            "statement": statement(rule),
            "given": given(rule.left, rule.right),
            "source": rule.source,
        }
        for table in TABLES.values()
        for rule in table
    }
    sources = {source.partition(": ")[0]: source for source in _SOURCES}
    return json.dumps({"rules": rules, "sources": sources}, ensure_ascii=False, indent=1) + "\n"


def _markdown() -> Iterator[str]:
    yield from ("---", "title: The rules of mdiff", "---", "")
    for table, rules in TABLES.items():
        yield from (f"# {table.value.capitalize()}", "")
        for rule in rules:
            yield from (f'<div id="{anchor(rule.name)}" class="mdiff-scope">', "")
            yield from (f"## {rule.name}", "")
            yield from (f"$${statement(rule)}$$", "")
            if conditions(rule):
                yield from (conditions(rule), "")
            yield from ("</div>", "")
            example = f" Example: `{rule.example}`." if rule.example else ""
            yield from (f"Source: {rule.source}.{example}", "")
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
            example = (rf"Example: \verb!{rule.example}!.",) if rule.example else ()
            told = (conditions(rule), f"Source: {rule.source}.", *example)
            yield " ".join(filter(None, told)).replace("§", r"\S ")
    yield r"\section{Sources}"
    yield r"\begin{itemize}"
    yield from (rf"\item {source}" for source in _SOURCES)
    yield r"\end{itemize}"
    yield r"\end{document}"
