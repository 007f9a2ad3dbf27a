"""Symbolic dimensions: polynomials with integer coefficients over dimension names.

A dimension is an integer, a name, or a sum or product of dimensions, as Kronecker products and
``vec`` need. Names that start with ``?`` are open and may be bound by a `Unifier`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import prod

Monomial = tuple[str, ...]


class Dim:
    """One dimension, in canonical form; equality is equality of polynomials."""

    __slots__ = ("_hash", "terms")

    terms: tuple[tuple[Monomial, int], ...]

    def __init__(self, terms: Mapping[Monomial, int]) -> None:
        self.terms = tuple(sorted((k, v) for k, v in terms.items() if v))
        self._hash = hash(self.terms)

    @staticmethod
    def of(value: int | str | Dim) -> Dim:
        """A dimension from an integer or a name."""
        if isinstance(value, Dim):
            return value
        return _made(value)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Dim) and self.terms == other.terms)

    def __hash__(self) -> int:
        return self._hash

    def __add__(self, other: Dim) -> Dim:
        terms = dict(self.terms)
        for key, value in other.terms:
            terms[key] = terms.get(key, 0) + value
        return Dim(terms)

    def __neg__(self) -> Dim:
        return Dim({key: -value for key, value in self.terms})

    def __sub__(self, other: Dim) -> Dim:
        return self + -other

    def __mul__(self, other: Dim) -> Dim:
        if other is ONE:
            return self
        terms: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in other.terms:
                key = tuple(sorted(left + right))
                terms[key] = terms.get(key, 0) + a * b
        return Dim(terms)

    @property
    def names(self) -> frozenset[str]:
        """The names that occur in it."""
        return frozenset(name for key, _ in self.terms for name in key)

    @property
    def value(self) -> int | None:
        """The integer it is, or None when it is symbolic."""
        if not self.terms:
            return 0
        if len(self.terms) == 1 and not self.terms[0][0]:
            return self.terms[0][1]
        return None

    @property
    def name(self) -> str | None:
        """The single name it is, or None."""
        if len(self.terms) == 1 and len(self.terms[0][0]) == 1 and self.terms[0][1] == 1:
            return self.terms[0][0][0]
        return None

    def at(self, sizes: Mapping[str, int]) -> int:
        """Its value for given sizes of the names. Raises KeyError for a name without a size."""
        return sum(c * prod(sizes[name] for name in key) for key, c in self.terms)

    def substitute(self, bindings: Mapping[str, Dim]) -> Dim:
        """This dimension with names replaced."""
        if len(self.terms) == 1:
            [(key, coefficient)] = self.terms
            if not key or (len(key) == 1 and coefficient == 1):
                return bindings.get(key[0], self) if key else self
        if not any(name in bindings for key, _ in self.terms for name in key):
            return self
        total = Dim({})
        for key, coefficient in self.terms:
            term = Dim.of(coefficient)
            for name in key:
                term = term * bindings.get(name, Dim.of(name))
            total = total + term
        return total

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        parts: list[str] = []
        for key, coefficient in sorted(self.terms, key=lambda term: (-len(term[0]), term[0])):
            sign = "-" if coefficient < 0 else ("+" if parts else "")
            factor = "" if abs(coefficient) == 1 and key else str(abs(coefficient))
            parts.append(sign + factor + " ".join(key))
        return "".join(parts)

    def __repr__(self) -> str:
        return f"Dim({self})"


@lru_cache(maxsize=4096)
def _made(value: int | str) -> Dim:
    return Dim({(): value}) if isinstance(value, int) else Dim({(value,): 1})


ONE = Dim.of(1)
Shape = tuple[Dim, Dim]
SCALAR: Shape = (ONE, ONE)


def show_shape(shape: Shape) -> str:
    """A shape for messages: ``m×n``."""
    return f"{shape[0]}×{shape[1]}".replace("?", "")


class Unifier:
    """Solves equations between dimensions by binding open names (those that start with ``?``).

    `mark` and `undo` make it possible to try an assumption and take it back.
    """

    def __init__(self) -> None:
        self._bindings: dict[str, Dim] = {}
        self._trail: list[tuple[str, str]] = []
        self._non_unit: set[str] = set()
        self._count = 0

    def fresh(self, hint: str = "", *, non_unit: bool = False) -> Dim:
        """A new open dimension; a ``non_unit`` one refuses to become 1."""
        self._count += 1
        name = f"?{hint}{self._count}"
        if non_unit:
            self._non_unit.add(name)
        return Dim.of(name)

    def mark(self) -> int:
        """The present state, for `undo`."""
        return len(self._trail)

    def undo(self, mark: int) -> None:
        """Forget every binding made since ``mark``."""
        while len(self._trail) > mark:
            name, restricted = self._trail.pop()
            del self._bindings[name]
            self._non_unit.discard(restricted)

    def resolve(self, dim: Dim) -> Dim:
        """The dimension with every binding applied."""
        while True:
            new = dim.substitute(self._bindings)
            if new is dim:
                return dim
            dim = new

    def unify(self, left: Dim, right: Dim) -> bool:
        """Make two dimensions equal if that is possible; tells whether they are."""
        left, right = self.resolve(left), self.resolve(right)
        if left == right:
            return True
        names = sorted(name for name in (left.name, right.name) if name is not None)
        if names and (len(names) == 2 or (left if left.name is None else right).value is not None):
            opened = next((name for name in names if name.startswith("?")), None)
            if opened is None:
                return False
            return self._bind(opened, right if left.name == opened else left)
        difference = left - right
        found: tuple[str, Dim] | None = None
        for key, coefficient in difference.terms:
            if len(key) != 1 or abs(coefficient) != 1 or not key[0].startswith("?"):
                continue
            rest = difference - Dim({key: coefficient})
            solution = -rest if coefficient == 1 else rest
            if key[0] in solution.names:
                continue
            if all(count > 0 for _, count in solution.terms):
                return self._bind(key[0], solution)
            found = found or (key[0], solution)
        return self._bind(*found) if found is not None else self._cancel(difference)

    def _cancel(self, difference: Dim) -> bool:
        """Solve an equation of two products with a common factor, as :math:`m x = m n` is."""
        if len(difference.terms) != 2:
            return False
        (left, a), (right, b) = difference.terms
        if a != -b or abs(a) != 1:
            return False
        one, other = list(left), list(right)
        for name in left:
            if name in other:
                one.remove(name)
                other.remove(name)
        for names, rest in ((one, other), (other, one)):
            if len(names) == 1 and names[0].startswith("?"):
                return self._bind(names[0], Dim({tuple(rest): 1}))
        return self._exchange(one, other)

    def _exchange(self, one: list[str], other: list[str]) -> bool:
        """The least solution of :math:`x m = n y`, as the sizes in :math:`I ⊗ A + B ⊗ I` are."""
        opened = [[name for name in names if name.startswith("?")] for names in (one, other)]
        known = [[name for name in names if not name.startswith("?")] for names in (one, other)]
        if [len(names) for names in opened + known] != [1] * 4:
            return False
        return self._bind(opened[0][0], Dim.of(known[1][0])) and self._bind(
            opened[1][0], Dim.of(known[0][0])
        )

    def _bind(self, name: str, solution: Dim) -> bool:
        restricted = ""
        if name in self._non_unit:
            if solution == ONE:
                return False
            other = solution.name
            if other is not None and other.startswith("?") and other not in self._non_unit:
                self._non_unit.add(other)
                restricted = other
        value = solution.value
        if value is not None and value < 1:
            return False
        self._bindings[name] = solution
        self._trail.append((name, restricted))
        return True
