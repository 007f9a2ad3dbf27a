"""The checker never lies: nothing false is verified, nothing true is refuted."""

from __future__ import annotations

import pytest

from mdiff_pandoc.service.check import check

SQUARE = tuple(rf"{name} \in \mathbb{{R}}^{{n \times n}}" for name in "ABX")
VECTORS = tuple(rf"{name} \in \mathbb{{R}}^n" for name in "xyz")


def verdicts(latex: str, *declare: str) -> list[str]:
    return [claim.verdict for claim in check(latex, declare).claims]


FALSE = r"""
AB = BA
x^T y = y x^T
x y^T = y x^T
\det(2A) = 2\det(A)
\det(A+B) = \det A + \det B
\operatorname{tr}(AB) = \operatorname{tr}(A)\operatorname{tr}(B)
|x| = x
\sqrt{x^2} = x
\|A\| = \|A\|_2
\|x\|_1 = \|x\|_2
\|A\|_F^2 = \det(A)^2
\log(AB) = \log(A) + \log(B)
\exp(A+B) = \exp(A)\exp(B)
e^{A+B} = e^A e^B
(AB)^{-1} = A^{-1} B^{-1}
(AB)^T = A^T B^T
(A+B)^{-1} = A^{-1} + B^{-1}
(A+B)^2 = A^2 + 2AB + B^2
\nabla_x x^T A x = 2 A x
\nabla_x \|x\| = x
\nabla_x \|x\|_1 = x
\frac{d}{dx}|x| = 1
\max(0,x) = x
\frac{\partial}{\partial X}\log\det X = X^{-1}
\frac{\partial}{\partial X}\operatorname{tr}(X) = 1
\mathbf 1^T \mathbf 1 = 2
\mathbf 1^T \mathbf 1 = 2n
\mathbf 1 \mathbf 1^T = I
\operatorname{tr}(I) = 1
\operatorname{tr}(I_n) = 3
\det(-A) = -\det(A)
\operatorname{vec}(ABC) = (C \otimes A)\operatorname{vec}(B)
A \otimes B = B \otimes A
A \odot B = AB
\frac{d}{dx} e^x = x e^{x-1}
e^{i\pi} = 1
\sum_{i=1}^n x_i = n x_1
(Ax)_i = \sum_j A_{ji} x_j
\frac{\partial x_i}{\partial x_j} = 1
\frac{\partial (AB)_{ij}}{\partial A_{pq}} = B_{qj}
\sin(2x) = 2\sin(x)
\sigma(x) + \sigma(-x) = 0
A^T A = A A^T
A^{-1} = A^T
x = -x
1 = 2
10^{20} + 1 = 10^{20}
\pi = 3.14
e = 2.718
\frac{1}{3} = 0.3333
\operatorname{diag}(x)\operatorname{diag}(y) = x \odot y
\|x+y\|^2 = \|x\|^2 + \|y\|^2
\|Ax\| = \|A\|\|x\|
|AB| = |A| + |B|
|x+y| = |x| + |y|
\operatorname{sign}(x) = 1
A_{ij} = A_{ji}
d(AB) = dA\, dB
d(X^{-1}) = -X^{-2} dX
d\log\det X = \operatorname{tr}(X dX)
d(XAX) = X A\, dX
d\sum_i x_i^T x_i = \sum_i x_i^T dx_i
\mathbb{E}[x^2] = \mathbb{E}[x]^2
\mathbb{E}[xy] = \mathbb{E}[x]\mathbb{E}[y]
\mathbb{E}[A x] = A^T \mathbb{E}[x]
\det(B W^T) = \det(-B W^T)
\arcsin(\sin x) = x
\arctan(1/x) = \pi/2 - \arctan(x)
(-1)^n = 1
\log_2 x = \ln x
(x^T y)^2 = x^T x y^T y
x x^T = \|x\|^2 I
\operatorname{vec}(A) = \operatorname{vec}(A^T)
\frac{1}{n}\sum_{i=1}^n x_i = \sum_{i=1}^n x_i
""".strip().split("\n")


@pytest.mark.parametrize("latex", FALSE)
def test_nothing_false_is_verified(latex: str) -> None:
    for declare in ((), SQUARE, VECTORS, (*SQUARE, *VECTORS)):
        found = verdicts(latex, *declare)
        assert found
        assert "verified" not in found, declare


TRUE = {
    "A - A = 0": (),
    "0 = B - B = A - A": (),
    r"\frac{\partial^2 (a^T u)}{\partial u \partial u^T} = 0": (),
    r"\sum_i x_i^T x_i = \sum_i x_i^T x_i": (),
    r"\sum_i x_i^T y_i = \sum_{i=1}^N y_i^T x_i": (),
    r"d\sum_i x_i^T x_i = 2\sum_i x_i^T dx_i": (),
    r"\frac{\partial (A \mu)^T}{\partial \mu} = A^T": (r"\mu \in \mathbb{R}", SQUARE[0]),
    r"\frac{\partial (3 c + 3)}{\partial c} = 3": (),
    r"\frac{\partial}{\partial x}(3x + 2y) = 3": (),
    r"d(XM) = X dM": (),
    r"d\operatorname{tr}(M) = \operatorname{tr}(dM)": (),
    r"d(AB) = dA\,B + A\,dB": (),
    r"d(X^{-1}) = -X^{-1}\,dX\,X^{-1}": (),
    r"\det(2A) = 2^n \det(A)": (),
    r"\det(cA) = c^n \det A": (),
    r"\operatorname{tr}(I) = n": (),
    r"\operatorname{tr}(I - P) = n - \operatorname{tr}(P)": (),
    r"\mathbf{1}^T\mathbf{1} = n": (),
    r"\mathbf{1}^T\mathbf{1} = \|\mathbf{1}\|^2": (),
    r"\mathbf{1}\mathbf{1}^T\mathbf{1} = n\mathbf{1}": (),
    r"\operatorname{vec}(A) = I_{n^2}\operatorname{vec}(A)": (SQUARE[0],),
    r"\operatorname{tr}(AB) = \operatorname{tr}(BA)": (),
    r"\operatorname{tr}(A) = \operatorname{tr}(I_{m n} A)": (r"A \in \mathbb{R}^{mn \times mn}",),
    r"\operatorname{tr}(I_{mn}) = mn": (),
    r"A_{ij} I_{jk} = A_{ij} \delta_{jk}": (),
    r"(y - w^T x)^2 = y^2 - 2 y w^T x + (w^T x)^2": (),
    r"\sigma'(z) = \sigma(z)(1 - \sigma(z))": (),
    r"\mathbb{E}[A x + b] = A \mathbb{E}[x] + b": (),
    r"\mathbb{E}[x^T A x] = \operatorname{tr}(A \mathbb{E}[x x^T])": (),
    r"\mathbb{E}[(x - \mathbb{E}[x])^2] = \mathbb{E}[x^2] - \mathbb{E}[x]^2": (),
    r"\frac{\partial \sigma(x)}{\partial x^T} = \operatorname{diag}(\sigma(x)\odot(1-\sigma(x)))": (
        VECTORS[0],
    ),
}


@pytest.mark.parametrize("latex", TRUE)
def test_what_is_true_is_verified(latex: str) -> None:
    found = verdicts(latex, *TRUE[latex])
    assert found
    assert set(found) == {"verified"}


@pytest.mark.parametrize("latex", [r"X^T X = X X^T", r"\|X\|_F^2 = \det(X^T X)"])
def test_a_fault_that_only_rectangular_shapes_or_larger_sizes_show(latex: str) -> None:
    assert verdicts(latex, r"X \in \mathbb{R}^{m \times n}") == ["refuted"]
    assert verdicts(latex) == ["refuted"]


def test_a_letter_that_was_declared_is_no_size() -> None:
    assert verdicts(r"\det(2A) = 2^n \det(A)", r"n \in \mathbb{R}") != ["verified"]


def test_a_size_that_was_declared_is_that_one() -> None:
    shape = r"A \in \mathbb{R}^{m \times m}"
    assert verdicts(r"\det(2A) = 2^m \det(A)", shape) == ["verified"]


@pytest.mark.parametrize(
    "latex",
    [
        r"A v = \lambda v",
        r"X^T X w = X^T y",
        r"P^2 = P",
        r"i^2 = -1",
        r"a^{l} = \sigma(W^l a^{l-1} + b^l)",
        r"\sum_{i=1}^n (u_i - \bar u)^2 = \sum_{i=1}^n u_i^2 - n \bar u^2",
    ],
)
def test_a_condition_is_no_wrong_identity(latex: str) -> None:
    assert verdicts(latex) == ["undecided"]


def test_a_size_is_the_one_that_the_document_speaks_of() -> None:
    assert verdicts(r"\mathbf{1}^T \mathbf{1} = n", SQUARE[0]) == ["verified"]
    assert verdicts(r"\operatorname{tr}(I) = 2n", SQUARE[0]) == ["refuted"]


def test_shapes_of_the_document_refute_no_condition() -> None:
    facts = (r"X \in \mathbb{R}^{m \times n}", r"y \in \mathbb{R}^n")
    [claim] = check(r"X^T X w = X^T y", (), facts).claims
    assert claim.verdict == "undecided"
