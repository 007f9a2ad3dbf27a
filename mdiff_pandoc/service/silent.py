"""Properties that a derivation rests on and that no line of it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from mdiff_pandoc.service.qualities import quality

if TYPE_CHECKING:
    from mdiff_pandoc.calculus import Derivation
    from mdiff_pandoc.expr import Expr
    from mdiff_pandoc.latex.requested import Request

# what is told of a matrix; the first that is known of it says the most
_TOLD = (
    "positive definite",
    "diagonal",
    "symmetric",
    "skew",
    "orthogonal",
    "orthonormal columns",
    "lower triangular",
    "upper triangular",
    "positive",
    "unit",
    "sums to one",
    "rows sum to one",
    "binary",
)


def silent(derivation: Derivation, request: Request, named: Collection[Expr]) -> Iterator[str]:
    """``with $A$ symmetric``, where the result is wrong for another A.

    Of the symbols that are ``named`` beside a line the reader knows it.
    """
    from mdiff_pandoc.expr import substitute, symbol
    from mdiff_pandoc.latex.printer import print_latex
    from mdiff_pandoc.verify import judge_equal

    variables = {node for variable in request.variables for node in variable.symbols}
    for known in sorted(request.f.symbols - variables - set(named), key=str):
        words = next((word for word in _TOLD if known.assumed(word)), "")
        if not words or known.is_scalar or getattr(known.data, "indices", None):
            continue
        name = str(getattr(known.data, "name", ""))
        other = {known: symbol(name, *known.shape)}
        sides = substitute(derivation.asked, other), substitute(derivation.result, other)
        if judge_equal(*sides).status == "refuted":
            yield quality(print_latex(known, request.notation), words)
