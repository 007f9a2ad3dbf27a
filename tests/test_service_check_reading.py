"""What authors write in derivations is read as they mean it, and judged."""

from __future__ import annotations

import pytest

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.latex.reader import read_request
from mdiff_pandoc.service.check import check


def verdicts(latex: str, *facts: str, **told: str) -> list[str]:
    return [claim.verdict for claim in check(latex, (), facts, **told).claims]


# --- indices and sums ---


def test_an_index_may_be_bound_in_an_inner_sum_and_loose_outside() -> None:
    shadowed = (
        r"\frac{\partial}{\partial X_{mn}} \sum_i \sum_j V_{ij} \log\left(\sum_m \sum_n A_{im} "
        r"X_{mn} B_{nj}\right) = \sum_i \sum_j \frac{V_{ij}}{\sum_m \sum_n A_{im} X_{mn} B_{nj}} "
        r"A_{im} B_{nj}"
    )
    assert verdicts(shadowed) == ["verified"]
    assert verdicts(shadowed.replace("A_{im} B_{nj}", "A_{im} B_{nj} X_{mn}")) != ["verified"]


def test_a_sum_inside_another_may_have_its_index() -> None:
    squared = r"\left(\sum_i x_i\right)^2 = \sum_i x_i \sum_i x_i"
    assert verdicts(squared, r"x \in \mathbb{R}^n") == ["verified"]


def test_a_sum_spans_the_terms_that_its_index_stands_in() -> None:
    [claim] = check(r"(AB)_{ik} + (CD)_{ik} = \sum_{j} A_{ij} B_{jk} + C_{ij} D_{jk}").claims
    assert claim.verdict == "verified"
    assert any("the terms that follow" in note for note in claim.notes)


def test_a_sum_spans_no_term_whose_index_is_free_on_the_other_side() -> None:
    latex = r"2 B_{jj} = \sum_{j} A_{jj} + B_{jj}"
    assert verdicts(latex) == ["refuted"]


def test_a_request_with_an_index_outside_of_its_sum_is_refused() -> None:
    with pytest.raises(MdiffError, match="stands outside the sum"):
        read_request(r"\nabla_x \sum_j x_j + b_j x_j")


# --- dots ---

VECTOR = r"x \in \mathbb{R}^n"


@pytest.mark.parametrize(
    ("latex", "facts"),
    [
        (
            r"AB = \begin{bmatrix} \sum_k A_{1k} B_{k1} & \cdots & \sum_k A_{1k} B_{kn} \\ "
            r"\vdots & \ddots & \vdots \\ "
            r"\sum_k A_{mk} B_{k1} & \cdots & \sum_k A_{mk} B_{kn} \end{bmatrix}",
            (),
        ),
        (
            r"\frac{\partial}{\partial X} \operatorname{tr}(X^T X) = 2 \begin{bmatrix} X_{11} & "
            r"X_{12} & \cdots & X_{1N} \\ \vdots & \vdots & \ddots & \vdots \\ "
            r"X_{M1} & X_{M2} & \cdots & X_{MN} \end{bmatrix}",
            (),
        ),
        (r"\nabla_x \frac12 x^T x = (x_1, x_2, \dots, x_n)^T", ()),
        (r"\nabla_x \frac12 x^T x = (x_1, \dots, x_n)", ()),
        (r"\nabla_x \sum_i x_i^3 = 3 \begin{bmatrix} x_1^2 \\ \vdots \\ x_n^2 \end{bmatrix}", ()),
        (r"x \odot y = \operatorname{diag}(x_1, \ldots, x_n) y", (VECTOR,)),
        (
            r"x \odot y = \begin{pmatrix} x_1 & & 0 \\ & \ddots & \\ 0 & & x_n \end{pmatrix} y",
            (VECTOR,),
        ),
        (r"x^T y = x_1 y_1 + x_2 y_2 + \dots + x_n y_n", ()),
        (
            r"X^T X = \sum_i x_i x_i^T",
            (r"X = \begin{bmatrix} x_1^T \\ \vdots \\ x_n^T \end{bmatrix}",),
        ),
        (r"X X^T = \sum_i x_i x_i^T", (r"X = [x_1, \ldots, x_n]",)),
        (r"X^T X = \sum_i x_i x_i^T", (r"X = (x_1, \ldots, x_n)^T",)),
        (r"X^T X = \sum_i x_i x_i^T", (r"X = [x_1^T; \ldots; x_n^T]",)),
        (r"\nabla_x \frac12 x^T x = x", (r"x = (x_1, \ldots, x_n)^T",)),
    ],
)
def test_dots_stand_for_the_entries_between_those_written(
    latex: str, facts: tuple[str, ...]
) -> None:
    assert verdicts(latex, *facts) == ["verified"]


@pytest.mark.parametrize(
    "latex",
    [
        r"\nabla_x x^T x = (x_1, x_2, \dots, x_n)^T",
        r"X^T = \begin{bmatrix} X_{11} & \cdots & X_{1n} \\ \vdots & \ddots & \vdots \\ X_{n1} & "
        r"\cdots & X_{nn} \end{bmatrix}",
        r"x^T y = x_1 y_1 + 2 + \dots + x_n y_n",
    ],
)
def test_what_the_dots_stand_for_is_no_less_judged(latex: str) -> None:
    assert verdicts(latex) != ["verified"]


@pytest.mark.parametrize(
    "latex",
    [
        r"\nabla_x \frac12 x^T x = (x_1, 2 x_2, \dots, x_n)^T",
        r"\nabla_x \frac12 x^T x = (x_1, \dots, x_m + 1)^T",
        r"x = (1, 2, \dots, n)^T + y",
    ],
)
def test_dots_between_entries_of_no_one_form_leave_the_claim_undecided(latex: str) -> None:
    [claim] = check(latex, (), ("x = y",)).claims
    assert claim.verdict == "undecided"
    assert claim.reason == "the dots cannot be filled in"


@pytest.mark.parametrize(
    "latex",
    [
        r"\nabla_x a^T (x_1, \dots, x_n)^T",
        r"\nabla_x y^T \begin{bmatrix} x_1 \\ \vdots \\ x_n \end{bmatrix}",
        r"\nabla_x (x_1 + \dots + x_n)",
    ],
)
def test_a_request_with_dots_is_refused(latex: str) -> None:
    with pytest.raises(MdiffError):
        read_request(latex)


# --- rows ---


@pytest.mark.parametrize(
    "latex",
    [
        r"\sum_k \sum_m (\operatorname{diag}(B_{k}; X) y)_m = \sum_{k,m,n} B_{kn} X_{nm} y_m",
        r"\sum_k c_k B_{k}:X y = \sum_k \sum_n \sum_m c_k B_{kn} X_{nm} y_m",
    ],
)
def test_a_colon_beside_the_subscript_marks_a_row(latex: str) -> None:
    [claim] = check(latex).claims
    assert claim.verdict == "verified"
    assert any("a row" in note for note in claim.notes)
    assert verdicts(latex.replace("B_{kn}", "B_{nk}")) != ["verified"]


def test_matrices_of_a_family_have_inner_products() -> None:
    assert verdicts(r"\sum_k A_k : X = \sum_k \operatorname{tr}(A_k^T X)") == ["verified"]


# --- Kronecker products ---


@pytest.mark.parametrize(
    "latex",
    [
        r"(A \otimes B)(C \otimes D) = AC \otimes BD",
        r"(A \otimes B)^T (A \otimes B) = A^T A \otimes B^T B",
        r"(A \otimes B)^{-1} (C \otimes D) = A^{-1} C \otimes B^{-1} D",
        r"(A \otimes B)(x \otimes y) = Ax \otimes By",
    ],
)
def test_kronecker_products_meet_factor_by_factor(latex: str) -> None:
    assert verdicts(latex) == ["verified"]


def test_kronecker_products_of_declared_shapes_meet_as_wholes() -> None:
    shapes = (
        r"A \in \mathbb{R}^{2 \times 2}",
        r"B \in \mathbb{R}^{2 \times 3}",
        r"C \in \mathbb{R}^{3 \times 2}",
        r"D \in \mathbb{R}^{2 \times 2}",
    )
    assert verdicts(
        r"(A \otimes B)(C \otimes D)((A \otimes B)(C \otimes D))^{-1} = I", *shapes
    ) == ["verified"]


# --- a bold 1 ---


def test_a_bold_one_behind_a_column_is_the_number() -> None:
    facts = (r"a \in \mathbb{R}^n", r"b \in \mathbb{R}^n")
    [claim] = check(
        r"\nabla_x a^T \operatorname{diag}(x) b = (a \odot b) \mathbf{1}", (), facts
    ).claims
    assert claim.verdict == "verified"
    assert any("number 1" in note for note in claim.notes)
    with pytest.raises(MdiffError):
        read_request(r"\nabla_x x^T (a \odot b) \mathbf{1}", context=facts)


def test_a_bold_one_behind_an_inner_product_is_a_vector() -> None:
    facts = (r"a \in \mathbb{R}^n", r"b \in \mathbb{R}^n")
    assert verdicts(r"a^T b \mathbf{1} = b^T a \mathbf{1}_n", *facts) == ["verified"]


# --- primes ---


def test_a_prime_is_a_transpose_unless_the_text_describes_the_letter() -> None:
    assert verdicts("(AB)' = B'A'") == ["verified"]
    [claim] = check("A^{-1} = (A')^T / |A|", (), ("A' described", "A square")).claims
    assert (claim.verdict, claim.reason) == ("undecided", "$A'$ is only described in words")
    assert verdicts(r"\sum_j A'_{ij} = (A' \mathbf{1})_i", "A' described") == ["verified"]


def test_a_chain_goes_on_past_what_is_only_described() -> None:
    latex = r"\nabla_A |A| = A' = |A| A^{-T} = |A| A^{-1}"
    assert verdicts(latex, "A' described", "A square") == ["undecided", "verified", "refuted"]


# --- definitions of entries ---


@pytest.mark.parametrize(
    ("latex", "fact"),
    [
        (r"\operatorname{tr}(C) = \operatorname{tr}(AB)", r"C_{ij} = \sum_k A_{ik} B_{kj}"),
        (
            r"\frac{\partial \operatorname{tr}(C)}{\partial A} = B^T",
            r"C_{ij} = \sum_k A_{ik} B_{kj}",
        ),
        (r"\frac{\partial y_i}{\partial x_j} = W_{ij}", r"y_i = \sum_j W_{ij} x_j"),
        (r"\nabla_x \|y\|^2 = 2 W^T y", r"y_i = \sum_j W_{ij} x_j"),
        (
            r"\frac{\partial s}{\partial z} = \operatorname{diag}(s) - s s^T",
            r"s_i = \frac{e^{z_i}}{\sum_j e^{z_j}}",
        ),
        (r"\sum_i y_i = W \sum_i x_i", "y_i = W x_i"),
    ],
)
def test_the_definition_of_entries_tells_the_whole(latex: str, fact: str) -> None:
    assert verdicts(latex, fact) == ["verified"]


# --- a bare function beside its call ---


@pytest.mark.parametrize(
    "latex",
    [
        r"\nabla f(x) = \frac{\partial f}{\partial x}",
        r"\nabla f(x) = \left[ \frac{\partial f}{\partial x_1}, \dots, "
        r"\frac{\partial f}{\partial x_n} \right]^T",
        r"df(x) = \sum_i \frac{\partial f}{\partial x_i} dx_i",
    ],
)
def test_a_bare_function_is_the_one_that_is_called_beside_it(latex: str) -> None:
    assert verdicts(latex, VECTOR) == ["verified"]


def test_a_function_of_two_arguments_keeps_its_slopes_apart() -> None:
    assert verdicts(r"\nabla_x f(x) = \nabla_y f(y)", VECTOR, r"y \in \mathbb{R}^n") != ["verified"]


@pytest.mark.parametrize(
    "latex",
    [
        r"x y^T = \begin{bmatrix} x_1 y_1 & \cdots & x_1 y_n \\ \vdots & \ddots & \vdots \\ "
        r"x_m y_1 & \cdots & x_m y_n \end{bmatrix}",
        r"A \otimes B = \begin{bmatrix} a_{11} B & \cdots & a_{1n} B \\ \vdots & \ddots & \vdots "
        r"\\ a_{m1} B & \cdots & a_{mn} B \end{bmatrix}",
        r"Wx = W (x_1, \dots, x_n)^T",
    ],
)
def test_dots_in_products_of_vectors_and_of_matrices(latex: str) -> None:
    assert verdicts(latex) == ["verified"]


HESSIAN = (
    r"\begin{bmatrix} \frac{\partial^2 f}{\partial x_1^2} & \cdots & "
    r"\frac{\partial^2 f}{\partial x_1 \partial x_n} \\ \vdots & \ddots & \vdots \\ "
    r"\frac{\partial^2 f}{\partial x_n \partial x_1} & \cdots & "
    r"\frac{\partial^2 f}{\partial x_n^2} \end{bmatrix}"
)


@pytest.mark.parametrize("facts", [(), ("f(x) = x^T A x",)])
def test_a_hessian_is_written_out_with_dots(facts: tuple[str, ...]) -> None:
    assert verdicts(rf"\nabla^2 f(x) = {HESSIAN}", VECTOR, *facts) == ["verified"]


def test_a_claim_that_holds_only_where_a_sum_spans_other_terms_is_undecided() -> None:
    mean = r"\bar{x} = \frac1n \sum_{i=1}^n x_i"
    [claim] = check(r"\sum_{i=1}^n x_i - \bar{x} = 0", (), (mean,)).claims
    assert claim.verdict == "undecided"
    assert "in brackets" in claim.reason
    assert verdicts(r"\sum_{i=1}^n x_i - \bar{x} = 1", mean) == ["refuted"]
    [claim] = check(r"\sum_{i=1}^n x_i^2 - \bar{x} = \|x\|^2 - \bar{x}", (), (mean,)).claims
    assert claim.verdict == "verified"


def test_the_definition_of_a_variable_s_entries_stays_out_of_derivatives_by_it() -> None:
    facts = (r"z_i = \sum_j W_{ij} x_j", r"s_i = \frac{e^{z_i}}{\sum_j e^{z_j}}")
    jacobian = r"\frac{\partial s}{\partial z} = \operatorname{diag}(s) - s s^T"
    assert verdicts(jacobian, *facts) == ["verified"]
    assert verdicts(r"\frac{\partial z_i}{\partial x_j} = W_{ij}", *facts) == ["verified"]


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (r"\frac{d}{dt} |t| = \operatorname{sign}(t)", "verified"),
        (r"\frac{d}{dt} |t| = -\operatorname{sign}(t)", "refuted"),
        (r"\frac{\partial}{\partial x} |x| = \operatorname{sign}(x)", "verified"),
        (r"\nabla_x |x| = \operatorname{sign}(x)", "refuted"),
        (r"\frac{d}{dx} |x| = \frac{x}{|x|}", "verified"),
        (r"\frac{d}{dx} f(2x) = 2 f'(2x)", "verified"),
        (r"\frac{d}{dx} f(2x) = f'(2x)", "refuted"),
        (r"\frac{d}{dx} (f(x) g(x)) = f'(x) g(x) + f(x) g'(x)", "verified"),
        (r"\frac{d}{dx} (f(x) g(x)) = f'(x) g'(x)", "refuted"),
        (r"\frac{\partial a^\top x}{\partial x} = a^\top", "refuted"),
    ],
)
def test_a_letter_in_a_derivative_of_numbers_may_be_one(latex: str, verdict: str) -> None:
    assert [claim.verdict for claim in check(latex).claims] == [verdict]
