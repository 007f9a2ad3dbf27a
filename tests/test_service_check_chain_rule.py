"""Derivatives of quantities that nobody defined: chain rules, layouts, differentials, names held.

What an author says of a quantity may be nothing but its derivatives. An equality about it is
verified where it holds for every such quantity, and refuted only where the text says enough.
"""

from __future__ import annotations

import json
import subprocess

import pypandoc
import pytest

from mdiff_pandoc.document.claims import check_formulas
from mdiff_pandoc.document.settings import Settings
from mdiff_pandoc.service.check import check
from mdiff_pandoc.service.options import Options

AFFINE = ("let z = Wx + b",)
PRODUCT = ("let C = AB", r"A \in \mathbb{R}^{n \times d}", r"B \in \mathbb{R}^{d \times m}")
VECTORS = (r"x \in \mathbb{R}^n", r"y \in \mathbb{R}^m")
SQUARES = ("let u = Ax", r"let f = \frac{1}{2} u^T u")


def verdicts(latex: str, *facts: str, options: Options | None = None) -> list[str]:
    return [claim.verdict for claim in check(latex, facts, options=options).claims]


@pytest.mark.parametrize(
    ("latex", "facts"),
    [
        (r"\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} x^\top", AFFINE),
        (r"\frac{\partial L}{\partial x} = W^\top \frac{\partial L}{\partial z}", AFFINE),
        (r"\frac{\partial L}{\partial b} = \frac{\partial L}{\partial z}", AFFINE),
        (r"\frac{\partial y}{\partial A} = \frac{\partial y}{\partial C} B^\top", PRODUCT),
        (r"\frac{\partial y}{\partial B} = A^\top \frac{\partial y}{\partial C}", PRODUCT),
        (r"\nabla_X L = A^T (\nabla_Y L) B^T", ("let Y = AXB",)),
        (
            r"\frac{\partial L}{\partial W_{ij}} = "
            r"\sum_k \frac{\partial L}{\partial Y_{kj}} X_{ki}",
            ("let Y = XW",),
        ),
        (
            r"\frac{\partial L}{\partial x_j} = \sum_i \frac{\partial L}{\partial y_i} W_{ij}",
            ("let y = Wx",),
        ),
        (
            r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a} \odot \sigma'(z)",
            (r"let a = \sigma(z)", r"z \in \mathbb{R}^n"),
        ),
        (
            r"\frac{\partial^2 L}{\partial x^2} = A^T \frac{\partial^2 L}{\partial y^2} A",
            ("let y = Ax",),
        ),
    ],
)
def test_a_loss_is_one_function_of_what_the_definitions_lead_to(
    latex: str, facts: tuple[str, ...]
) -> None:
    assert verdicts(latex, *facts) == ["verified"]


@pytest.mark.parametrize(
    ("latex", "facts"),
    [
        (r"\frac{\partial L}{\partial W} = x \frac{\partial L}{\partial z}^\top", AFFINE),
        (r"\frac{\partial L}{\partial x} = W \frac{\partial L}{\partial z}", AFFINE),
        (r"\frac{\partial L}{\partial b} = -\frac{\partial L}{\partial z}", AFFINE),
        (r"\frac{\partial y}{\partial B} = \frac{\partial y}{\partial C} A^\top", PRODUCT),
        (
            r"\frac{\partial L}{\partial X} = A \frac{\partial L}{\partial Y} B",
            ("let Y = AXB",),
        ),
        (
            r"\frac{\partial L}{\partial x_j} = \sum_i \frac{\partial L}{\partial y_i} W_{ji}",
            ("let y = Wx",),
        ),
    ],
)
def test_what_no_loss_obeys_is_refuted_where_the_definition_is_told(
    latex: str, facts: tuple[str, ...]
) -> None:
    assert verdicts(latex, *facts) == ["refuted"]


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        (
            r"\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} x^\top",
            "how $L$ depends on $W$ and $z$ is not said",
        ),
        (r"\frac{\partial L}{\partial z} = y - t", "how $L$ depends on $z$ is not said"),
        (
            r"\frac{\partial L}{\partial w_{ij}} = "
            r"\frac{\partial L}{\partial z_j}\frac{\partial z_j}{\partial w_{ij}}",
            "how $z$ depends on $w$ is not said",
        ),
        (r"\frac{dy}{dx} = \frac{1}{\frac{dx}{dy}}", "how $y$ depends on $x$ is not said"),
        (r"\frac{\partial y}{\partial x} = \frac{\partial z}{\partial x}", "is not said"),
        (r"\mathrm{d}y = J \mathrm{d}x", "is not said"),
        (r"dL = \operatorname{tr}(G^T dX)", "is not said"),
    ],
)
def test_nothing_is_refuted_on_a_guess_and_the_reason_names_it(latex: str, reason: str) -> None:
    [claim] = check(latex).claims
    assert claim.verdict == "undecided"
    assert reason in claim.reason


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (r"\nabla_{A^T} f(A) = \nabla_A f(A)", "refuted"),
        (r"\nabla_x f(Ax) = A \nabla f(Ax)", "refuted"),
        (r"\nabla_x f(Ax) = A^\top \nabla f(Ax)", "verified"),
        (r"\frac{d}{dx} f(g(x)) = f'(g(x)) g'(x)", "verified"),
        (r"\frac{d}{dx} f(g(x)) = f'(x) g'(x)", "refuted"),
    ],
)
def test_an_unspecified_function_with_its_arguments_is_any_function(
    latex: str, verdict: str
) -> None:
    assert verdicts(latex) == [verdict]


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (r"\frac{dy}{dx} = \frac{dy}{du}\frac{du}{dx}", "verified"),
        (
            r"\frac{\partial y}{\partial x} = \frac{\partial y}{\partial u}"
            r"\frac{\partial u}{\partial v}\frac{\partial v}{\partial x}",
            "verified",
        ),
        (
            r"\frac{dz}{dt} = \frac{\partial z}{\partial x} \frac{dx}{dt}"
            r" + \frac{\partial z}{\partial y}\frac{dy}{dt}",
            "verified",
        ),
        (
            r"\frac{dz}{dt} = \frac{\partial z}{\partial x} \frac{dx}{dt}"
            r" - \frac{\partial z}{\partial y}\frac{dy}{dt}",
            "refuted",
        ),
        (
            r"\frac{dL}{dt} = \sum_{i=1}^n \frac{\partial L}{\partial x_i} \frac{dx_i}{dt}",
            "verified",
        ),
        (
            r"\frac{dL}{dt} = \frac{\partial L}{\partial t}"
            r" + \frac{\partial L}{\partial x}\frac{dx}{dt}",
            "verified",
        ),
        (
            r"\frac{\partial (UV)}{\partial t} = U \frac{\partial V}{\partial t}"
            r" + \frac{\partial U}{\partial t} V",
            "verified",
        ),
        (
            r"\frac{\partial (UV)}{\partial t} = U \frac{\partial V}{\partial t}"
            r" + V \frac{\partial U}{\partial t}",
            "refuted",
        ),
        (
            r"\frac{\partial U^{-1}}{\partial t} = -U^{-1} \frac{\partial U}{\partial t} U^{-1}",
            "verified",
        ),
        (r"\frac{d \log\det U}{dt} = \operatorname{tr}(U^{-1} \frac{d U}{dt})", "verified"),
        (r"\frac{\partial AUB}{\partial x} = A \frac{\partial U}{\partial x} B", "verified"),
        (r"\frac{\partial AUB}{\partial x} = B \frac{\partial U}{\partial x} A", "refuted"),
        (
            r"\frac{\partial (A \mathbf{u})}{\partial \mathbf{x}}"
            r" = \frac{\partial \mathbf{u}}{\partial \mathbf{x}} A^T",
            "verified",
        ),
        (
            r"\frac{\partial (A \mathbf{u})}{\partial \mathbf{x}}"
            r" = \frac{\partial \mathbf{u}}{\partial \mathbf{x}} A",
            "refuted",
        ),
    ],
)
def test_a_rule_for_all_functions_is_judged_for_all_functions(latex: str, verdict: str) -> None:
    assert verdicts(latex) == [verdict]


@pytest.mark.parametrize(
    ("right", "note"),
    [
        (r"\left(\frac{\partial y}{\partial x}\right)^T \frac{\partial L}{\partial y}", ""),
        (r"\frac{\partial L}{\partial y} \frac{\partial y}{\partial x}", "is a row"),
        (r"\frac{\partial y}{\partial x} \frac{\partial L}{\partial y}", "denominator layout"),
    ],
)
def test_a_chain_rule_holds_in_the_layout_that_makes_it_hold(right: str, note: str) -> None:
    [claim] = check(rf"\frac{{\partial L}}{{\partial x}} = {right}", VECTORS).claims
    assert claim.verdict == "verified"
    assert any(note in text for text in claim.notes)


@pytest.mark.parametrize(
    "right",
    [
        r"\frac{\partial y}{\partial x} \left(\frac{\partial L}{\partial y}\right)^T",
        r"\frac{\partial L}{\partial y}^T \left(\frac{\partial y}{\partial x}\right)^T",
        r"\left(\frac{\partial y}{\partial x}\right)^T \frac{\partial L}{\partial y}^T",
    ],
)
def test_a_chain_rule_that_no_layout_makes_true_is_not_verified(right: str) -> None:
    [claim] = check(rf"\frac{{\partial L}}{{\partial x}} = {right}", VECTORS).claims
    assert claim.verdict in ("refuted", "undecided")


@pytest.mark.parametrize(
    "chain",
    [
        r"\frac{\partial f}{\partial u}\frac{\partial u}{\partial x} = u^T A",
        r"\frac{\partial u}{\partial x}\frac{\partial f}{\partial u} = A^T u",
        r"\left(\frac{\partial u}{\partial x}\right)^T\frac{\partial f}{\partial u} = A^T u",
    ],
)
def test_a_whole_chain_is_read_in_one_layout(chain: str) -> None:
    assert verdicts(rf"\frac{{\partial f}}{{\partial x}} = {chain}", *SQUARES) == ["verified"] * 2


def test_a_chain_that_needs_two_layouts_is_refuted_where_they_part() -> None:
    chain = (
        r"\frac{\partial L}{\partial w} = \frac{\partial z}{\partial w} "
        r"\frac{\partial L}{\partial z} = X^T \frac{\partial L}{\partial z}"
    )
    assert verdicts(chain, "let z = Xw") == ["verified", "verified"]
    assert verdicts(chain.replace("X^T", "X"), "let z = Xw") == ["verified", "refuted"]


def test_a_row_alone_is_no_gradient_unless_the_numerator_layout_is_asked_for() -> None:
    latex = r"\frac{\partial f}{\partial x} = a^T"
    facts = ("let f = a^T x",)
    [claim] = check(latex, facts).claims
    assert claim.verdict == "refuted"
    assert "layout" in claim.suggestion
    assert verdicts(latex, *facts, options=Options(layout="numerator")) == ["verified"]
    assert verdicts(latex, *facts, options=Options(layout="denominator")) == ["refuted"]
    column = latex.replace("a^T", "a")
    for layout in ("", "numerator", "denominator"):
        assert verdicts(column, *facts, options=Options(layout=layout)) == ["verified"]


HELD = ("let D = BXC^T", "let E = AXB")


def test_a_product_rule_may_hold_names_constant() -> None:
    left = r"\frac{\partial tr[AXBXC^T]}{\partial X}"
    first, second = r"\frac{\partial tr[AXD]}{\partial X}", r"\frac{\partial tr[EXC^T]}{\partial X}"
    [claim] = check(f"{left} = {first} + {second}", HELD).claims
    assert claim.verdict == "verified"
    assert "$D$ and $E$ are held constant" in claim.notes
    assert verdicts(f"{left} = {first} - {second}", *HELD) == ["refuted"]


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (r"d \log\det X = \operatorname{tr}(X^{-1} dX)", "verified"),
        (r"d \log\det X = \operatorname{tr}(X^{-T} dX)", "refuted"),
        (r"d(AB) = dA B + A dB", "verified"),
        (r"d(AB) = dA B - A dB", "refuted"),
        (r"d(AB) = dB A + A dB", "refuted"),
        (r"d X^{-1} = -X^{-1} dX X^{-1}", "verified"),
        (r"d X^{-1} = X^{-1} dX X^{-1}", "refuted"),
        (r"df = \nabla f^T dx", "verified"),
        (r"d\mathbf{y} = \frac{\partial \mathbf{y}}{\partial \mathbf{x}} d\mathbf{x}", "verified"),
        (
            r"dL = \operatorname{tr}\left(\left(\frac{\partial L}{\partial X}\right)^T dX\right)",
            "verified",
        ),
        (r"d(x^T A x) = x^T (A + A^T) dx", "verified"),
        (r"d(x^T A x) = 2 x^T A dx", "refuted"),
        (r"d^2 f = dx^T H dx", "undecided"),
    ],
)
def test_differentials_are_judged_along_all_directions(latex: str, verdict: str) -> None:
    assert verdicts(latex) == [verdict]


def test_differentials_of_defined_names_follow_their_definitions() -> None:
    trace = r"let f = \operatorname{tr}(AXB)"
    assert verdicts(r"df = \operatorname{tr}(A\, dX\, B)", trace) == ["verified"]
    assert verdicts(r"df = \operatorname{tr}(A^T B^T dX)", trace) == ["refuted"]
    rows = (r"X \in \mathbb{R}^{n \times d}", "let r = Xw - y")
    assert verdicts(r"dr = X\, dw", *rows) == ["verified"]
    assert verdicts(r"dr = X^T dw", *rows) == ["refuted"]


def test_entries_that_nobody_tied_to_their_vector_refute_nothing() -> None:
    [claim] = check(r"a \cdot b = a_0 b_0 + a_1 b_2").claims
    assert claim.verdict == "undecided"
    assert "related to $a$" in claim.reason
    [claim] = check(r"Ab = \begin{bmatrix} c_0 \\ c_2 \end{bmatrix}").claims
    assert claim.verdict == "undecided"


def test_a_derivative_by_what_does_not_occur_refutes_nothing() -> None:
    [claim] = check(r"\frac{dV}{dt} = x^\top (A^\top P + P A) x", (r"let V = x^\top P x",)).claims
    assert claim.verdict == "undecided"
    assert "depends on $t$" in claim.reason


def test_the_gradient_of_the_cross_entropy_holds_for_shares() -> None:
    facts = (r"let p = \operatorname{softmax}(z)", r"let L = -\sum_i y_i \log p_i")
    [claim] = check(r"\frac{\partial L}{\partial z} = p - y", facts).claims
    assert claim.verdict == "undecided"
    assert "add up to 1" in claim.reason
    assert verdicts(r"\frac{\partial L}{\partial z} = p + y", *facts) == ["refuted"]


def test_dX_may_name_the_gradient_of_a_loss() -> None:
    facts = ("let S = QK^T", "let O = SV")
    for line in (r"dS = dO\, V^T", "dV = S^T dO", r"dQ = dS\, K", "dK = dS^T Q"):
        [claim] = check(line, facts).claims
        assert claim.verdict == "verified"
        assert "gradient of a loss" in claim.notes[-1]
    for line in ("dV = dO S^T", "dK = Q^T dS"):
        assert verdicts(line, *facts)[0] != "verified"


def test_an_index_that_a_definition_leaves_loose_refutes_nothing() -> None:
    loss = r"let L = -\sum_{i=1}^n y_i \log p_i + (1 - y_i) \log (1 - p_i)"
    facts = (r"let p = \sigma(Xw)", loss)
    assert verdicts(r"\frac{\partial L}{\partial w} = X^\top (p - y)", *facts)[0] != "refuted"


def document(text: str) -> list[tuple[str, str]]:
    """The equalities of a page with their verdicts."""
    made = subprocess.run(
        [pypandoc.get_pandoc_path(), "-f", "markdown", "-t", "json"],
        input=text.encode(),
        capture_output=True,
        check=True,
    ).stdout
    found, _ = check_formulas(json.loads(made), Settings(file="notes.md"))
    return [(claim.latex, claim.verdict) for item in found for claim in item.checked.claims]


NETWORK = r"""
Let $W_1 \in \mathbb{R}^{h \times d}$, $W_2 \in \mathbb{R}^{k \times h}$, $x \in \mathbb{R}^d$.
The forward pass is

$$z_1 = W_1 x + b_1, \qquad h = \sigma(z_1), \qquad z_2 = W_2 h + b_2$$

and the loss is $L = \ell(z_2, y)$. Define

$$\delta_2 = \frac{\partial L}{\partial z_2}, \quad \delta_1 = \frac{\partial L}{\partial z_1}.$$

Then

"""
RIGHT = (
    r"\frac{\partial L}{\partial W_2} = \delta_2 h^\top",
    r"\frac{\partial L}{\partial b_2} = \delta_2",
    r"\frac{\partial L}{\partial h} = W_2^\top \delta_2",
    r"\delta_1 = W_2^\top \delta_2 \odot \sigma'(z_1)",
    r"\frac{\partial L}{\partial W_1} = \delta_1 x^\top",
    r"\frac{\partial L}{\partial x} = W_1^\top \delta_1",
)
WRONG = (
    r"\frac{\partial L}{\partial W_1} = x \delta_1^\top",
    r"\frac{\partial L}{\partial h} = W_2 \delta_2",
    r"\delta_1 = W_2^\top \delta_2 \odot \sigma(z_1)",
    r"\frac{\partial L}{\partial b_1} = \delta_2",
)


def test_a_network_in_a_page_is_followed_backwards() -> None:
    found = document(NETWORK + "\n\n".join(f"$${line}$$" for line in RIGHT))
    assert dict(found[-len(RIGHT) :]) == dict.fromkeys(RIGHT, "verified")


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_line_about_a_network_is_found(line: str) -> None:
    assert document(f"{NETWORK}$${line}$$")[-1] == (line, "refuted")


def test_a_matrix_of_names_does_not_end_the_definition_of_what_it_shows() -> None:
    page = r"""
Let $A \in \mathbb{R}^{N \times D}$, $B \in \mathbb{R}^{D \times M}$ and $C = AB$. For example

$$A = \begin{bmatrix} a_0 & a_1 \\ a_2 & a_3 \end{bmatrix},
B = \begin{bmatrix} b_0 & b_1 \\ b_2 & b_3 \end{bmatrix},
C = \begin{bmatrix} c_0 & c_1 \\ c_2 & c_3 \end{bmatrix}.$$

So $$\frac{\partial y}{\partial A} = \frac{\partial y}{\partial C} B^{\top}.$$
"""
    assert document(page)[-1][1] == "verified"
