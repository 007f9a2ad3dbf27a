"""Drafts: parts of a formula whose shapes are being solved for.

A draft knows its shape up to open dimensions and how to build its expression once they are
settled, so that one walk over the surface tree both infers shapes and says what to build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

from mdiff_pandoc.errors import (
    MdiffError,
    NoProductError,
    NotSquareError,
    ShapeError,
    Span,
    UnsupportedError,
)
from mdiff_pandoc.expr import ONE, SCALAR, Dim, Expr, Shape, Unifier, matmul
from mdiff_pandoc.latex.brackets import balanced

Settle = Callable[[Dim], Dim]
Build = Callable[[Settle], Expr]


class Draft(Struct, frozen=True):
    """A part of the formula: its shape, its place, and how to build it.

    ``numeric``: it is made of numbers only, so that it may be added to a vector or matrix.
    ``diagonal`` are the shapes of the blocks on the diagonal of a block matrix, ``kron`` those of
    the factors of a Kronecker product.
    """

    shape: Shape
    span: Span
    build: Build
    numeric: bool = False
    diagonal: tuple[Shape, ...] = ()
    kron: tuple[Shape, ...] = ()


class Shapes:
    """The shapes of one reading of a formula: unification, with errors that name the parts."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.unifier = Unifier()
        self._products: list[tuple[Draft, Shape]] = []
        self._shown: dict[str, str] = {}

    def fresh(self, *, non_unit: bool = True) -> Dim:
        """A new open dimension; unless told otherwise it is not 1."""
        return self.unifier.fresh(non_unit=non_unit)

    def resolve(self, shape: Shape) -> Shape:
        """A shape with all that is known by now."""
        return self.unifier.resolve(shape[0]), self.unifier.resolve(shape[1])

    def is_unit(self, dim: Dim) -> bool:
        """Is this dimension known to be 1?"""
        return dim is ONE or self.unifier.resolve(dim) == ONE

    def is_open(self, dim: Dim) -> bool:
        """Is this still a dimension that nobody named?"""
        return any(name.startswith("?") for name in self.unifier.resolve(dim).names)

    def is_scalar(self, draft: Draft) -> bool:
        """Is this part known to be a scalar?"""
        return draft.shape is SCALAR or (
            self.is_unit(draft.shape[0]) and self.is_unit(draft.shape[1])
        )

    def is_column(self, draft: Draft) -> bool:
        """Is this part a column vector and no scalar?"""
        return self.is_unit(draft.shape[1]) and not self.is_unit(draft.shape[0])

    def is_row(self, draft: Draft) -> bool:
        """Is this part a row vector and no scalar?"""
        return self.is_unit(draft.shape[0]) and not self.is_unit(draft.shape[1])

    def equal(self, left: Dim, right: Dim) -> bool:
        """Make two dimensions equal if possible; tells whether they are."""
        return left is right or self.unifier.unify(left, right)

    def same(self, left: Shape, right: Shape) -> bool:
        """Make two shapes equal if possible; nothing is changed when they cannot be."""
        mark = self.unifier.mark()
        if self.equal(left[0], right[0]) and self.equal(left[1], right[1]):
            return True
        self.unifier.undo(mark)
        return False

    def reshaped(self, vector: Draft, shape: Shape) -> None:
        """Require a vector as long as a matrix has entries; `settle` checks it in the end."""
        self._products.append((vector, shape))

    def settle(self) -> None:
        """Solve what had to wait for the other shapes. Raises ShapeError, UnsupportedError."""
        for vector, shape in self._products:
            rows, columns = self.resolve(shape)
            if self.equal(vector.shape[0], rows * columns):
                continue
            if any(name.startswith("?") for name in rows.names | columns.names):
                raise UnsupportedError(
                    f"the shape that {self.text(vector)} is to take is open",
                    vector.span,
                    r"write it, as in \operatorname{vec}^{-1}_{m,n}(…)",
                )
            raise ShapeError(
                f"{self.named(vector)} does not fill the shape {self.show(shape)}", vector.span
            )

    def text(self, draft: Draft) -> str:
        """What the author wrote there."""
        span = balanced(self.source, draft.span)
        return self.source[span.start : span.end].strip()

    def show(self, shape: Shape) -> str:
        """A shape for messages; open dimensions get letters for the occasion."""
        return "×".join(map(self.show_dim, shape))

    def show_dim(self, dim: Dim) -> str:
        """A dimension for messages."""
        found = self.unifier.resolve(dim)
        for name in found.names:
            if name.startswith("?") and name not in self._shown:
                unused = (c for c in "mnpqkrsh" if c not in self._shown.values())
                self._shown[name] = next(unused, "·")
        shown = {name: Dim.of(letter) for name, letter in self._shown.items()}
        return str(found.substitute(shown)).replace(" ", "")

    def named(self, draft: Draft) -> str:
        """A part with its shape for messages: ``A (3×4)``."""
        return f"{self.text(draft)} ({self.show(draft.shape)})"

    def square(self, draft: Draft, what: str) -> Dim:
        """Require a square matrix; returns its size. Raises NotSquareError.

        Blocks on a diagonal are taken as square where their shapes are open.
        """
        for rows, columns in draft.diagonal:
            self.same((rows, ONE), (columns, ONE))
        if not (self.equal(*draft.shape) or self._square_by_factors(draft)):
            raise NotSquareError(
                f"{what} needs a square matrix, but {self.text(draft)} has the shape "
                f"{self.show(draft.shape)}",
                draft.span,
                "declare another shape, or write a product that is square, such as X^T X",
            )
        return draft.shape[0]

    def product(self, factors: Sequence[Draft], span: Span) -> Draft:
        """A product in the order written; scalars may stand anywhere.

        Where neighbours do not meet, a stretch that is a scalar by itself, such as the
        :math:`x^T y` of :math:`A x^T y`, is taken as one factor. Raises ShapeError.
        """
        if len(factors) == 1:
            return factors[0]
        chain = [factor for factor in factors if not self.is_scalar(factor)]
        scalars = [factor for factor in factors if self.is_scalar(factor)]
        groups: dict[int, tuple[Draft, ...]] = {}
        while (place := self._mismatch(chain)) is not None:
            group = self._scalar_group(chain, place)
            if group is None:
                raise self._no_product(chain[place], chain[place + 1])
            self._meet(chain[group])
            groups[id(chain[group][0])] = tuple(chain[group])
            scalars.extend(chain[group])
            del chain[group]
        self._meet(chain)
        return self._chain(factors, chain, groups, span)

    def _chain(
        self,
        factors: Sequence[Draft],
        chain: list[Draft],
        groups: dict[int, tuple[Draft, ...]],
        span: Span,
    ) -> Draft:
        """The product of scalars, of scalar stretches and of the rest, in reading order."""
        grouped = {id(member) for group in groups.values() for member in group}
        in_chain = {id(factor) for factor in chain}
        heads = self._scalar_heads(chain)
        parts: list[tuple[Draft, ...]] = []
        current: list[Draft] = []
        for factor in factors:
            if id(factor) in groups:
                parts.append(groups[id(factor)])
            elif id(factor) in in_chain and id(factor) not in grouped:
                current.append(factor)
                if id(factor) in heads:
                    parts.append(tuple(current))
                    current = []
            elif id(factor) not in grouped:
                parts.append((factor,))
        if current:
            parts.append(tuple(current))
        shape = (chain[0].shape[0], chain[-1].shape[1]) if chain else SCALAR
        numeric = all(factor.numeric for factor in factors)

        def build(settle: Settle) -> Expr:
            return matmul(*(matmul(*(factor.build(settle) for factor in part)) for part in parts))

        return Draft(shape, span, build, numeric)

    def _scalar_heads(self, chain: list[Draft]) -> set[int]:
        """The factors that end a scalar, as the first x does in :math:`x^T x x^T`."""
        ends: set[int] = set()
        start = 0
        for position, factor in enumerate(chain):
            if self.is_unit(chain[start].shape[0]) and self.is_unit(factor.shape[1]):
                ends.add(id(factor))
                start = position + 1
        return ends

    def _mismatch(self, chain: list[Draft]) -> int | None:
        """The first place where one neighbour ends in dimension 1 and the other does not."""
        for place in range(len(chain) - 1):
            if self.is_unit(chain[place].shape[1]) != self.is_unit(chain[place + 1].shape[0]):
                return place
        return None

    def _scalar_group(self, chain: list[Draft], place: int) -> slice | None:
        """The shortest stretch next to ``place`` that is a scalar by itself."""
        for length in range(2, len(chain)):
            for start in (place + 1, place + 1 - length):
                if start < 0 or start + length > len(chain):
                    continue
                group = chain[start : start + length]
                if (
                    self.is_row(group[0])
                    and self.is_column(group[-1])
                    and self._mismatch(group) is None
                ):
                    return slice(start, start + length)
        return None

    def _meet(self, chain: Sequence[Draft]) -> None:
        for left, right in pairwise(chain):
            if not (
                self.equal(left.shape[1], right.shape[0]) or self._meet_by_factors(left, right)
            ):
                raise self._no_product(left, right)

    def _meet_by_factors(self, left: Draft, right: Draft) -> bool:
        """Make the factors of two Kronecker products meet, as in :math:`(A ⊗ B)(C ⊗ D)`."""
        if len(left.kron) != len(right.kron):
            return False
        met = zip(left.kron, right.kron, strict=True)
        return self._all_equal((first[1], second[0]) for first, second in met)

    def _square_by_factors(self, draft: Draft) -> bool:
        """Make the factors of a Kronecker product square."""
        return self._all_equal(draft.kron)

    def _all_equal(self, pairs: Iterable[tuple[Dim, Dim]]) -> bool:
        """Make the dimensions of all pairs equal; without pairs, or where one is not, nothing."""
        mark = self.unifier.mark()
        found = [self.equal(first, second) for first, second in pairs]
        if found and all(found):
            return True
        self.unifier.undo(mark)
        return False

    def _no_product(self, left: Draft, right: Draft) -> MdiffError:
        alike = (self.is_column(left) and self.is_column(right)) or (
            self.is_row(left) and self.is_row(right)
        )
        return (ShapeError if alike else NoProductError)(
            f"cannot multiply {self.named(left)} by {self.named(right)}: these shapes do not meet",
            left.span.join(right.span),
            "the number of columns on the left must be the number of rows on the right",
        )
