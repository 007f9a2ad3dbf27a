"""The conventions by which a formula is read, where its notation does not tell."""

from __future__ import annotations

from msgspec import Struct


class Conventions(Struct, frozen=True):
    r"""How the sides of an equality are read.

    ``functions`` of matrices are ``elementwise`` or of the ``matrix``; ``layout`` is that of
    Jacobians, and with ``rows`` the derivative of a scalar by a column is a row. With ``stacked``
    a derivative with more than two indices is read as
    :math:`\partial\operatorname{vec} F/\partial\operatorname{vec}(X)^\top`, with ``narrow`` an
    operator applies to the function behind it alone.

    With ``merged`` a letter in bold and in italics is one symbol, with ``wide`` a sum over an
    index spans the terms that follow it. With ``held`` a name that has a definition is constant in
    a derivative by a variable beside it, with ``released`` no variable has the value that a
    definition gives it. With ``gradients`` dX is the gradient of a loss by X, with ``slopes``
    :math:`\nabla f(X)` knows nothing of the structure of X.
    """

    functions: str = "elementwise"
    layout: str = "numerator"
    rows: bool = False
    stacked: bool = False
    narrow: bool = False
    merged: bool = False
    wide: bool = False
    held: bool = False
    released: bool = False
    gradients: bool = False
    slopes: bool = False


USUAL = Conventions()
