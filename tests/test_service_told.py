"""What a student is told of a wrong equality is short, and in the student's own names."""

from __future__ import annotations

import pytest

from mdiff_pandoc import check
from mdiff_pandoc.service.claim import Claim

COVARIANCE = (r"x_i \in \mathbb{R}^d", r"let S = \frac1n \sum_{i=1}^n x_i x_i^T")
NETWORK = (
    r"x \in \mathbb{R}^d",
    r"y \in \mathbb{R}^k",
    r"W_1 \in \mathbb{R}^{h \times d}",
    r"W_2 \in \mathbb{R}^{k \times h}",
    r"let z_1 = W_1 x",
    r"let a = \sigma(z_1)",
    r"let z_2 = W_2 a",
    r"let L = \frac12 \|z_2 - y\|^2",
    r"let \delta_2 = z_2 - y",
)


def refuted(latex: str, *context: str) -> Claim:
    (claim,) = check(latex, context=context).claims
    assert claim.verdict == "refuted", claim
    return claim


class TestDefinitions:
    @pytest.mark.parametrize(
        ("latex", "context", "repaired"),
        [
            (
                r"\frac{\partial L}{\partial v} = 2 S v - \lambda v",
                (*COVARIANCE, r"let L = v^T S v - \lambda (v^T v - 1)"),
                r"2 S v - 2 \lambda v",
            ),
            (r"\nabla_u (u^T S u) = S u", COVARIANCE, r"2 S u"),
            (r"(S u)^T = u^T S^T S", (*COVARIANCE, r"u \in \mathbb{R}^d"), r"u^T S"),
            (
                r"\frac{\partial L}{\partial z_1} = (W_2^T \delta_2) \odot \sigma(z_1)",
                NETWORK,
                r"W_2^T \delta_2 \odot \sigma(z_1) \odot (\mathbf{1} - \sigma(z_1))",
            ),
            (
                r"\nabla_w J = X^T X w + X^T y",
                (
                    r"X \in \mathbb{R}^{n \times d}",
                    r"y \in \mathbb{R}^n",
                    r"w \in \mathbb{R}^d",
                    r"let J = \frac12 \|X w - y\|^2",
                ),
                r"X^T X w - X^T y",
            ),
        ],
    )
    def test_stay_names(self, latex: str, context: tuple[str, ...], repaired: str) -> None:
        assert refuted(latex, *context).repaired == repaired

    def test_keep_their_typeface(self) -> None:
        claim = refuted(
            r"\mathbf{S}^{-1} \mathbf{S} a = \mathbf{S} a",
            r"A, B \in \mathbb{R}^{n \times n}",
            r"a \in \mathbb{R}^n",
            r"let \mathbf{S} = A B + A",
        )
        assert "A" not in claim.repaired
        assert "A" not in claim.suggestion

    def test_have_values_in_counterexamples(self) -> None:
        claim = refuted(r"(S u)^T = u^T S^T S", *COVARIANCE, r"u \in \mathbb{R}^d")
        assert claim.counterexample is not None
        values = claim.counterexample["values"]
        assert isinstance(values, dict)
        size = claim.counterexample["sizes"]["d"]  # type: ignore[index]
        assert [len(row) for row in values["S"]] == [size] * size

    def test_that_are_a_whole_side_have_no_values_of_their_own(self) -> None:
        claim = refuted(r"S = S^{-1}", r"A \in \mathbb{R}^{n \times n}", r"let S = A A^T + I")
        assert claim.counterexample is not None
        assert list(claim.counterexample["values"]) == ["A"]  # type: ignore[call-overload]


class TestReasons:
    def test_name_the_first_wrong_entry_and_nothing_else(self) -> None:
        claim = refuted(r"(AB)^T = A^T B^T", r"A, B \in \mathbb{R}^{n \times n}")
        assert claim.reason.startswith("the two sides differ, first in entry (")
        assert "n =" not in claim.reason

    def test_of_scalars_give_both_values(self) -> None:
        claim = refuted(r"x^T x = 2 x^T x + 1", r"x \in \mathbb{R}^n")
        example = claim.counterexample
        assert example is not None
        ((left,),), ((right,),) = example["left"], example["right"]  # type: ignore[misc]
        assert claim.reason == f"the two sides differ: {left} and {right}"


def test_sums_run_over_the_letters_of_the_author() -> None:
    claim = refuted(
        r"\frac{\partial f}{\partial A_{ir}}"
        r" = - \sum_{j=1}^n (M_{ij} - \sum_{s=1}^k A_{is} B_{js}) B_{js}",
        r"M \in \mathbb{R}^{m \times n}",
        r"A \in \mathbb{R}^{m \times k}",
        r"B \in \mathbb{R}^{n \times k}",
        r"let f = \frac12 \|M - A B^T\|_F^2",
    )
    told = r"-\sum_{j=1}^{n} \left(M_{ij} - \sum_{s=1}^{k} A_{is} B_{js}\right) B_{jr}"
    assert claim.repaired == told


class TestNumbers:
    @pytest.mark.parametrize(
        ("latex", "context", "repaired"),
        [
            (
                r"\nabla_w J = 3 X^T X w - 3 X^T y",
                (
                    r"X \in \mathbb{R}^{n \times d}",
                    r"y \in \mathbb{R}^n",
                    r"w \in \mathbb{R}^d",
                    r"let J = \frac12 \|X w - y\|^2",
                ),
                r"X^T X w - X^T y",
            ),
            (r"\nabla_x (x^T x) = 3 x", (r"x \in \mathbb{R}^n",), "2 x"),
            (
                r"(S + S^T) W = 2 S W",
                (r"S \in \mathbb{R}^{n \times n}", r"W \in \mathbb{R}^{n \times k}"),
                "(S + S^T) W",
            ),
        ],
    )
    def test_are_put_together(self, latex: str, context: tuple[str, ...], repaired: str) -> None:
        claim = refuted(latex, *context)
        assert claim.repaired == repaired
        assert r"\frac{1}{3}" not in claim.suggestion


class TestShapes:
    DECLARED = (
        r"W \in \mathbb{R}^{k \times d}",
        r"X \in \mathbb{R}^{n \times p}",
        r"z, y \in \mathbb{R}^k",
        r"a \in \mathbb{R}^d",
    )

    @pytest.mark.parametrize(
        ("latex", "shown"),
        [
            ("a = W (z - y)", "cannot multiply W (k×d) by z - y (k×1)"),
            (r"X = (X^T X)^{-1} X", "cannot multiply (X^T X)^{-1} (p×p) by X (n×p)"),
            (
                r"X = X \left(X^T X\right)^{-1} X",
                r"cannot multiply \left(X^T X\right)^{-1} (p×p) by X (n×p)",
            ),
            (r"a = W \bigl(z - y\bigr)", "cannot multiply W (k×d) by z - y (k×1)"),
            (r"a = W^T \frac{z - y}{2} X", r"cannot multiply \frac{z - y}{2} (k×1) by X (n×p)"),
            (r"a = (X^T X + (W)) a", "cannot add X^T X (p×p) and W (k×d)"),
        ],
    )
    def test_are_told_once_with_whole_brackets(self, latex: str, shown: str) -> None:
        (claim,) = check(latex, self.DECLARED).claims
        assert claim.reason == f"the shapes do not meet: {shown}"


class TestSymmetry:
    SQUARE = r"S \in \mathbb{R}^{n \times n}"
    VECTOR = r"x \in \mathbb{R}^n"

    def test_that_makes_a_claim_true_comes_first(self) -> None:
        claim = refuted(r"\nabla_x (x^T S x) = 2 S x", self.SQUARE, self.VECTOR)
        told = "holds if $S$ is symmetric; in general the right side is $(S + S^T) x$"
        assert claim.suggestion == told
        assert claim.repaired == "(S + S^T) x"

    def test_leaves_room_for_a_short_change_of_a_long_formula(self) -> None:
        terms = "x x^T B + 3 B x x^T + 5 B B x x^T B + 7 B B B x x^T"
        claim = refuted(
            f"S^T {terms} = S {terms}", self.SQUARE, self.VECTOR, r"B \in \mathbb{R}^{n \times n}"
        )
        assert claim.suggestion == (
            "holds if $S$ is symmetric; in general it holds with $S^T$ in place of $S$"
        )

    def test_is_all_where_the_repair_is_long(self) -> None:
        rayleigh = r"let R = \frac{x^T S x}{x^T x}"
        wrong = r"\nabla_x R = \frac{2 S x (x^T x) - (x^T S x) 2 x}{(x^T x)^2}"
        claim = refuted(wrong, self.SQUARE, self.VECTOR, rayleigh)
        assert claim.suggestion == "holds if $S$ is symmetric"
        assert not claim.repaired


class TestPlausibility:
    @pytest.mark.parametrize(
        ("latex", "context", "suggestion"),
        [
            (
                r"\operatorname{tr}(AB) = \operatorname{tr}(B) \operatorname{tr}(A)",
                (r"A, B \in \mathbb{R}^{n \times n}",),
                r"holds with $\operatorname{tr}(B A)$ in place of "
                r"$\operatorname{tr}(B) \operatorname{tr}(A)$",
            ),
            (
                r"S^{-1} - S^{-1} a a^T S^{-1} = S^{-1} (I - a a^T) S^{-1}",
                (r"S \in \mathbb{R}^{n \times n} invertible", r"a \in \mathbb{R}^n"),
                "holds with $S$ in place of $I$",
            ),
            (
                r"u^T (\frac1n \sum_{i=1}^n x_i x_i^T) u = u^T S^T S u",
                (*COVARIANCE, r"u \in \mathbb{R}^d"),
                "holds without the factor $S^T$",
            ),
        ],
    )
    def test_the_nearest_change_is_offered(
        self, latex: str, context: tuple[str, ...], suggestion: str
    ) -> None:
        claim = refuted(latex, *context)
        assert claim.suggestion == suggestion
        assert "left" not in claim.suggestion

    @pytest.mark.parametrize(
        ("latex", "repaired"),
        [
            (r"\nabla_x \|x\| = \frac{x}{\|x\|^2}", r"\frac{x}{\|x\|}"),
            (r"2 A^T (A x - b) = 2 A (A x - b)", r"2 A^T (A x - b)"),
            (
                r"\frac{\partial}{\partial x_k} x^T A x = 2 \sum_{j=1}^n A_{kj} x_j",
                r"\sum_{j=1}^{n} [A + A^T]_{kj} x_{j}",
            ),
            (r"x^T A x = \frac12 x^T A x", "x^T A x"),
            (r"\nabla_x (b^T x)^2 = 2 b^T x", "2 b b^T x"),
            (
                r"\frac{\partial \tanh(A x)}{\partial x}"
                r" = A^T \operatorname{diag}(1 - \tanh^2(A x)) \cdot 2",
                r"\operatorname{diag}(\mathbf{1} - \tanh(A x)^{\odot 2}) A",
            ),
            (
                r"\frac{\partial \operatorname{softmax}(x)_i}{\partial x_j}"
                r" = \operatorname{softmax}(x)_i (1 - \operatorname{softmax}(x)_j)",
                r"[\operatorname{softmax}(x)]_{i}"
                r" (\delta_{ij} - [\operatorname{softmax}(x)]_{j})",
            ),
        ],
    )
    def test_the_right_side_is_as_short_as_can_be(self, latex: str, repaired: str) -> None:
        context = (r"x, b \in \mathbb{R}^n", r"A \in \mathbb{R}^{n \times n}")
        assert refuted(latex, *context).repaired == repaired

    def test_nothing_is_offered_for_a_product_of_traces_but_their_trace(self) -> None:
        context = (r"A, B \in \mathbb{R}^{n \times n}",)
        claim = refuted(
            r"\operatorname{tr}(AB) = \operatorname{tr}(A) \operatorname{tr}(B)", *context
        )
        assert not claim.suggestion

    def test_a_definition_on_the_left_is_not_changed(self) -> None:
        context = (
            r"x \in \mathbb{R}^n",
            r"A \in \mathbb{R}^{n \times n}",
            "let f = x^T A x + x^T x",
        )
        assert "left" not in refuted("2 f = f", *context).suggestion


def test_the_variable_of_a_derivative_is_no_size() -> None:
    product = r"\operatorname{vec}(\operatorname{diag}(\mu))^T \operatorname{vec}(M^T) + a^T a"
    formula = rf"\nabla_{{M}} \left( {product} \right) = 2 \operatorname{{diag}}(\mu)"
    assert [claim.verdict for claim in check(formula).claims] == ["refuted"]
