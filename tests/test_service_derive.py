"""One request in, one answer out."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from floats import same, values
from mutants import mutants
from problems import CASES, SHARED, Problem, read_problems

from mdiff_pandoc.calculus import Problem as Calculation
from mdiff_pandoc.calculus import derivation_of
from mdiff_pandoc.errors import OptionError
from mdiff_pandoc.expr import Expr
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.latex.reader import Request, read_expression, read_request
from mdiff_pandoc.rules.randomness import settled
from mdiff_pandoc.service import Answer, Options, derive
from mdiff_pandoc.verify import Judge, Status, judge_equal

FILES = [
    path
    for path in (CASES / "gradients.txt", CASES / "functions.txt", SHARED / "cases/gradients.txt")
    if path.exists()
]
PROBLEMS = [(path.parent.parent.name, p) for path in FILES for p in read_problems(path)]
each_problem = pytest.mark.parametrize(
    "problem", [p for _, p in PROBLEMS], ids=[f"{where}-{p.name}" for where, p in PROBLEMS]
)
SQUARE = (r"A \in \mathbb{R}^{n \times n}", r"X \in \mathbb{R}^{n \times n}")


def answered(latex: str, *declare: str, **options: str) -> Answer:
    answer = derive(latex, declare, options=Options(**options))
    assert answer.status == "verified", answer.error and answer.error.show(latex)
    return answer


def result_of(request: Request) -> Expr:
    return derivation_of(Calculation(request.f, request.variables)).result


@each_problem
def test_problem_is_answered_and_right(problem: Problem) -> None:
    answer = answered(problem.request, *problem.declarations)
    assert answer.verification["points"]
    assert answer.result != "0"
    if not problem.answer:
        return
    request = read_request(problem.request, problem.declarations)
    result = result_of(request)
    known, _ = read_expression(problem.answer, problem.declarations, shape=result.shape)
    assert judge_equal(result, known).status is Status.VERIFIED
    assert length(result) <= 1.5 * length(known)


@each_problem
def test_printed_result_reads_back(problem: Problem) -> None:
    answer = answered(problem.request, *problem.declarations)
    request = read_request(problem.request, problem.declarations)
    result = result_of(request)
    declared = (*problem.declarations, *answer.assumed)
    back, _ = read_expression(answer.result, declared, shape=result.shape)
    assert back is result or judge_equal(back, result).status is Status.VERIFIED


@each_problem
def test_slips_in_a_result_are_refused(problem: Problem) -> None:
    """Any transpose, sign, factor or order replaced: refused, unless NumPy sees no difference."""
    request = read_request(problem.request, problem.declarations)
    result = result_of(request)
    f = settled(request.f, frozenset(request.variables))
    judge = Judge(f, request.variable)
    symmetric = any(map(request.variable.assumed, ("symmetric", "positive definite", "diagonal")))
    tried = 0
    for name, mutant in list(mutants(result))[:60]:
        if judge.gradient(mutant).status is not Status.VERIFIED:
            tried += 1
            continue
        pairs = [values([result, mutant], seed) for seed in (1, 2, 3)]
        seen = [same(*pair) for pair in pairs if pair[0] is not None and pair[1] is not None]
        assert all(seen), f"{name} is verified: {mutant}"
    assert tried or symmetric


@pytest.mark.parametrize(
    ("latex", "declare", "result"),
    [
        (r"\nabla_X \operatorname{tr}(AXB)", (), r"A^{\top} B^{\top}"),
        (r"\nabla_x x^\top A x", (), r"(A + A^{\top}) x"),
        (r"\nabla_x x^\top A x", ("A symmetric",), "2 A x"),
        (r"\nabla_x \|Ax - b\|^2", (), r"2 A^{\top} (A x - b)"),
        (r"\nabla_W \|X - WH\|_F^2", (), r"-2 (X - W H) H^{\top}"),
        (r"\nabla_X \log\det X", (), r"X^{-\top}"),
        (r"\nabla_X \log\det X", ("X symmetric",), "X^{-1}"),
        (r"\nabla_X \operatorname{tr}(X^{-1} A)", (), r"-X^{-\top} A^{\top} X^{-\top}"),
        (
            r"\nabla_x \log(\mathbf{1}^\top \exp(x))",
            (),
            r"\frac{\exp(x)}{\mathbf{1}^{\top} \exp(x)}",
        ),
        (r"\nabla_A \operatorname{tr}(ABA^\top C)", (), r"C^{\top} A B^{\top} + C A B"),
        (
            r"\nabla_X \operatorname{tr}(V^\top \log(AXB))",
            (),
            r"A^{\top} \left(\frac{V}{A X B}\right) B^{\top}",
        ),
        (r"\nabla_{\mathbf X} \operatorname{tr}(\mathbf{A X B})", (),
         r"\mathbf{A}^{\top} \mathbf{B}^{\top}"),
        (r"\nabla_x x^T A x", (), "(A + A^T) x"),
        (r"\nabla_{A^T} \operatorname{tr}(AB)", (), "B"),
    ],
)  # fmt: skip
def test_natural_forms(latex: str, declare: tuple[str, ...], result: str) -> None:
    found = answered(latex, *declare).result
    assert found.replace(r"\mathbf X", r"\mathbf{X}") == result


def test_the_derivation_of_a_trace_reads_like_a_lecture() -> None:
    answer = answered(r"\nabla_X \operatorname{tr}(AXB) = ?")
    assert [(s.lhs, s.latex, s.rule) for s in answer.steps] == [
        ("f", r"\operatorname{tr}(AXB)", ""),
        ("df", r"\operatorname{tr}(A\, dX\, B)",
         "differential of a trace; A and B are constant"),
        ("", r"\operatorname{tr}(B A\, dX)", "cyclic property"),
        (r"\nabla_X f", r"(B A)^{\top}",
         r"identification: df = \operatorname{tr}(G^{\top}\, dX)"),
        ("", r"A^{\top} B^{\top}", "transpose of a product"),
    ]  # fmt: skip
    assert answer.derivation.startswith("\\begin{aligned}\nf &= ")
    assert "\n\n" not in answer.derivation


def test_details() -> None:
    latex = r"\nabla_X \operatorname{tr}(V^\top \log(AXB)) = ?"
    full, brief, result = (answered(latex, detail=d) for d in ("full", "brief", "result"))
    assert len(full.steps) > len(brief.steps) > len(result.steps) == 1
    assert full.result == brief.result == result.result == result.steps[0].latex
    assert result.steps[0].lhs == r"\nabla_X \operatorname{tr}(V^\top \log(AXB))"


def test_json_has_the_fields_of_the_interface() -> None:
    found = answered(r"\nabla_X \operatorname{tr}(AXB) = ?").as_json()
    assert json.loads(json.dumps(found)) == found
    assert set(found) >= {
        "status",
        "result",
        "derivation",
        "steps",
        "assumed",
        "verification",
        "numpy",
    }
    assert found["verification"]["method"] == "exact"  # type: ignore[index]
    assert found["verification"]["error_bound"] < 1e-15  # type: ignore[index]


def test_an_error_has_code_span_and_hint() -> None:
    latex = r"\nabla_X \operatorname{tr}(X^{-1})"
    error = derive(latex, [r"X \in \mathbb{R}^{3 \times 2}"]).as_json()["error"]
    assert error["code"] == "not-square"  # type: ignore[index]
    start, end = error["span"]  # type: ignore[index]
    assert latex[start:end]
    assert error["hint"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("values", "hint"),
    [({"stile": "differential"}, "style"), ({"detail": "ful"}, "full"), ({"layout": 3}, "one of")],
)
def test_options_name_the_nearest(values: dict[str, object], hint: str) -> None:
    with pytest.raises(OptionError) as caught:
        Options.from_mapping(values)
    assert hint in caught.value.hint


def test_a_declared_variable_that_does_not_occur_gives_zero_and_a_warning() -> None:
    answer = answered(r"\nabla_Z \operatorname{tr}(A X)", *SQUARE, r"Z \in \mathbb{R}^{n \times n}")
    assert answer.result == "0"
    assert "does not occur" in answer.warnings[0]


def test_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, mdiff_pandoc; mdiff_pandoc.derive; "
        "print([m for m in ('sympy', 'antlr4', 'gen', 'flint', 'panflute') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
