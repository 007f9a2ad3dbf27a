"""What a sentence is about: the trace of A is a scalar, and A is none."""

from __future__ import annotations

import json
import subprocess

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.service.check import check


def result(sentence: str, request: str, reader: str = "markdown") -> str:
    """The result of the one request behind a sentence."""
    command = [find_pandoc(), "-f", reader, "-t", "json"]
    given = f"{sentence}\n\n$$\n{request} = ?\n$$\n".encode()
    raw = subprocess.run(command, input=given, check=True, capture_output=True).stdout
    found: list[str] = []

    def look(node: object) -> None:
        if isinstance(node, list):
            if len(node) == 2 and node[0] == "data-result":
                found.append(str(node[1]))
            for item in node:
                look(item)
        elif isinstance(node, dict):
            look(list(node.values()))

    look(json.loads(convert(raw, "markdown", markdown=True).json))
    [only] = found
    return only


PROJECTED = r"\nabla_x x^\top P^\top P x"
FREE = r"(A + A^{\top}) x"


@pytest.mark.parametrize(
    ("sentence", "request_", "expected"),
    [
        ("The trace of $A$ is a scalar.", r"\nabla_A \operatorname{tr}(AB)", r"B^{\top}"),
        ("The product of $B$ and $A$ is symmetric.", r"\nabla_x x^\top A x", FREE),
        ("$B$ times $A$ is symmetric.", r"\nabla_x x^\top A x", FREE),
        ("The Gram matrix of $X$ is symmetric.", r"\nabla_X \|X - Y\|_F^2", "2 (X - Y)"),
        (
            "The Hessian with respect to $X$ is symmetric.",
            r"\nabla_X \operatorname{tr}(XA)",
            r"A^{\top}",
        ),
        ("The last entry of $x$ is positive.", r"\nabla_x \|x\|_1", r"\operatorname{sign}(x)"),
        ("The inner product of $x$ and $y$ is a scalar.", r"\nabla_x x^\top y", "y"),
        ("Note that $A$ is no longer symmetric.", r"\nabla_x x^\top A x", FREE),
        ("Sometimes $A$ is symmetric.", r"\nabla_x x^\top A x", FREE),
        ("$A$ is symmetric iff $B = 0$.", r"\nabla_x x^\top A x", FREE),
        ("It is wrong that $A$ is symmetric.", r"\nabla_x x^\top A x", FREE),
        ("Let $A$ be block diagonal.", r"\nabla_x x^\top A x", FREE),
        ("Let $P$ be an orthogonal projection.", PROJECTED, r"2 P^{\top} P x"),
        ("The columns of $P$ are orthogonal.", PROJECTED, r"2 P^{\top} P x"),
        ("The rows of $P$ are orthonormal.", PROJECTED, r"2 P^{\top} P x"),
        ("The columns of $P$ are orthonormal.", PROJECTED, "2 x"),
        ("Let $P$ be orthogonal.", PROJECTED, "2 x"),
        ("Let $x$ and $y$ be orthogonal vectors.", r"\nabla_x \|x + y\|^2", "2 (x + y)"),
        ("All entries of $a$ are positive.", r"\nabla_a \|a\|_1", r"\mathbf{1}"),
        (
            "The diagonal entries of $A$ are positive.",
            r"\nabla_A \|A\|_1",
            r"\operatorname{sign}(A)",
        ),
        ("The matrix $A$ is symmetric.", r"\nabla_x x^\top A x", "2 A x"),
        ("Of these, $A$ is symmetric.", r"\nabla_x x^\top A x", "2 A x"),
        (
            "The eigenvalues of the symmetric matrix $A$ are real.",
            r"\nabla_x x^\top A x",
            "2 A x",
        ),
    ],
)
def test_a_property_is_that_of_the_subject(sentence: str, request_: str, expected: str) -> None:
    assert result(sentence, request_) == expected


def test_a_table_without_columns_stops_nothing() -> None:
    table = r"\begin{tabular}{c}\end{tabular}"
    assert result(table, r"\nabla_x x^\top x", "latex") == "2 x"


def test_a_wrong_line_behind_an_undecided_one_is_refuted() -> None:
    latex = (
        r"\begin{aligned} \nabla_w J(w) &= 2 X^\top (y - Xw) \\ "
        r"&= 2 X^\top X w - 2 X^\top y \end{aligned}"
    )
    verdicts = [claim.verdict for claim in check(latex, (r"w \in \mathbb{R}^d",)).claims]
    assert verdicts == ["undecided", "refuted"]


def test_a_first_order_condition_is_no_identity() -> None:
    shapes = (r"X \in \mathbb{R}^{n \times d}", r"y \in \mathbb{R}^n", r"w \in \mathbb{R}^d")
    [claim] = check(r"X^\top (Xw - y) = 0", (), shapes).claims
    assert claim.verdict == "undecided"


def test_a_d_is_a_differential_beside_a_number_d_of_columns() -> None:
    facts = (r"X \in \mathbb{R}^{n \times d}", r"w \in \mathbb{R}^d", r"y \in \mathbb{R}^n")
    latex = r"d(\nabla_w \|Xw - y\|^2) = # X^\top X\, dw"
    for factor, verdict in (("2", "verified"), ("3", "refuted")):
        [claim] = check(latex.replace("#", factor), (), facts).claims
        assert claim.verdict == verdict


def test_the_letter_of_the_identification_is_not_that_of_the_function() -> None:
    from mdiff_pandoc.service import derive

    answer = derive(r"\nabla_x g", context=(r"let g(x) = x^\top A x", r"x \in \mathbb{R}^n"))
    assert answer.status == "verified"
    [rule] = [step.rule_latex for step in answer.steps if "identification" in step.rule_latex]
    assert rule.endswith(r"dg = h^{\top}\, dx") or r"dg = h^T\, dx" in rule


@pytest.mark.parametrize(
    "request_",
    [
        r"\frac{\partial}{\partial x_n} \left(\sum_{i=1}^{n-1} x_i^2 + x_n^3\right)",
        r"\frac{\partial}{\partial X_{nn}} \left(\sum_{i=1}^{n-1} X_{ii}^2\right)",
    ],
)
def test_the_number_that_a_sum_runs_up_to_is_no_index(request_: str) -> None:
    from mdiff_pandoc.service import derive

    assert "the number that a sum runs up to" in str(derive(request_).error)
    [claim] = check(rf"{request_} = 0").claims
    assert claim.verdict == "undecided"
    assert derive(request_.replace("n-1", "n")).status == "verified"
