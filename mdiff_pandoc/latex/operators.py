r"""Letters that are operators, as in :math:`\mathbb{E}[x]`, :math:`\lambda_{\max}(A)`."""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.names import Name, scan_name
from mdiff_pandoc.latex.scope import Scope
from mdiff_pandoc.latex.surface import Kind, Term, names_in, walk
from mdiff_pandoc.patterns import regex

_EXPECTATIONS = ("bb_E", "cal_E", "E")
_REFUSED = ("bb_V", "bb_P", "Var", "Cov")


def settle_operators(term: Term, scope: Scope, source: str) -> Term:
    r"""The tree in which :math:`\mathbb{E}[x]`, :math:`\lambda_i(A)`, :math:`K_{m,n}` are heads.

    Raises UnsupportedError for an expectation without brackets, and for ``Var`` and ``Cov``.
    """
    if not any(map(_is_interesting, walk(term))):
        return term
    return _Operators(term, scope, source).rewrite(term)


def _is_interesting(node: Term) -> bool:
    if node.kind is Kind.CALL and node.text[:2] in ("u_", "v_", "e_"):
        return True
    return node.kind in (Kind.NAME, Kind.CALL, Kind.INDEX) and _head(node.text) in _LETTERS


def _head(text: str) -> str:
    return text.removeprefix("bb_").removeprefix("cal_").partition("_")[0]


_LETTERS = frozenset(("E", "V", "P", "Var", "Cov", "lambda", "sigma", "K"))


class _Operators:
    def __init__(self, term: Term, scope: Scope, source: str) -> None:
        self.scope, self.source = scope, source
        self.alone = {node.text for node in walk(term) if node.kind is Kind.NAME}
        indexed = {id(node.args[0]) for node in walk(term) if node.kind is Kind.INDEX and node.args}
        self.bare = {n.text for n in walk(term) if n.kind is Kind.NAME and id(n) not in indexed}
        self.dims = {
            name for known in scope.known.values() for d in known.shape or () for name in d.names
        }

    def rewrite(self, node: Term) -> Term:
        if node.kind is Kind.PRODUCT:
            node = self._expectations(node)
        args = tuple(map(self.rewrite, node.args))
        if args != node.args:
            node = replace(node, args=args)
        match node.kind:
            case Kind.CALL if len(node.args) == 1:
                return self._call(node)
            case Kind.POWER if node.args[0].text == "expectation":
                self._refuse_power(node)
            case Kind.INDEX if node.args[0].text == "K" and len(node.args) == 3:
                return self._commutation(node)
            case Kind.NAME | Kind.INDEX | Kind.CALL:
                self._refuse(node)
        return node

    def _known(self, node: Term) -> bool:
        found = self.scope.find(node.text, node.bold) or self.scope.find_definition(
            node.text, node.bold
        )
        return found is not None

    def _expectation_of(self, node: Term, span_end: int) -> bool:
        """Is this letter an expectation, whose argument ends at ``span_end``?"""
        head = _expectation_head(node.text)
        if not head or self._known(node):
            return False
        if head != "E":
            return True
        square = self.source[span_end - 1 : span_end] == "]"
        upright = node.latex.startswith("\\") and not node.bold
        return (
            (square or upright)
            and "E" not in self.bare
            and self.scope.find("E", bold=False) is None
        )

    def _expectations(self, product: Term) -> Term:
        r"""A product in which ``\mathbb{E}_x`` has taken the bracket after it."""
        factors: list[Term] = []
        for factor in product.args:
            before = factors[-1] if factors else None
            if before is not None and before.kind in (Kind.INDEX, Kind.NAME):
                gap = self.source[before.span.end : factor.span.start].rstrip()
                opened = gap.endswith(("[", "(")) or self.source[factor.span.start] in "[("
                opened = opened and before.kind is Kind.INDEX
                enclosed = factor is product.args[-1] and _is_enclosed(factor)
                if (opened or enclosed) and self._expectation_of(before, before.span.end):
                    factors[-1] = self._expectation(before, factor)
                    continue
            factors.append(factor)
        if len(factors) == len(product.args):
            return product
        return factors[0] if len(factors) == 1 else replace(product, args=tuple(factors))

    def _expectation(self, head: Term, body: Term) -> Term:
        names = names_in(body)
        found = {text for text, _ in names}
        # a definition that is put in may hold what is averaged over
        defined = any(self.scope.find_definition(*name) for name in names)
        random = [name for name in averaged(head.latex) if defined or name.text in found]
        terms = (Term(Kind.NAME, head.span, (), n.text, n.latex, n.bold) for n in random)
        span = head.span.join(body.span)
        return Term(Kind.APPLY, span, (body, *terms), "expectation", head.latex)

    def _refuse_power(self, node: Term) -> None:
        r"""Refuse ``\mathbb{E}(x)^2``, which may be the power of x or of its expectation."""
        inner = node.args[0]
        if self.source[inner.span.start : inner.span.end].rstrip().endswith(")"):
            raise UnsupportedError(
                "is this the power of an expectation, or the expectation of a power?",
                node.span,
                r"write \mathbb{E}[(…)^2], or \mathbb{E}[…]^2",
            )

    def _call(self, node: Term) -> Term:
        head, _, place = node.text.partition("_")
        [argument] = node.args
        if self._expectation_of(node, node.span.end):
            return self._expectation(node, argument)
        if self._known(node) or node.text in self.alone:
            return node
        extreme = place in ("max", "min")
        if head == "lambda" and place and (extreme or self._is_matrix(argument)):
            which = Term(Kind.NAME, node.span, (), place, place)
            return Term(Kind.APPLY, node.span, (argument, which), "eigenvalue", node.latex)
        if node.text == "sigma_max" or (node.text == "sigma_1" and self._is_matrix(argument)):
            return Term(Kind.APPLY, node.span, (argument,), "singular_value", node.latex)
        if head == "v" and (extreme or place.startswith("lambda_")):
            place = place.removeprefix("lambda_")
            which = Term(Kind.NAME, node.span, (), place, place)
            return Term(Kind.APPLY, node.span, (argument, which), "eigenvector", node.latex)
        if node.text == "e_max":
            return Term(Kind.APPLY, node.span, (argument,), "largest", node.latex)
        if node.text in ("u_1", "v_1") and self._is_matrix(argument):
            side = "left" if head == "u" else "right"
            which = Term(Kind.NAME, node.span, (), side, side)
            return Term(Kind.APPLY, node.span, (argument, which), "singular_vector", node.latex)
        self._refuse(node)
        return node

    def _is_matrix(self, argument: Term) -> bool:
        """Is this made of matrices only, so that no factor is meant before it?"""
        names = [node for node in walk(argument) if node.kind is Kind.NAME]
        return bool(names) and all(
            is_capital(name.text) or self._declared_matrix(name) for name in names
        )

    def _declared_matrix(self, name: Term) -> bool:
        known = self.scope.find(name.text, name.bold)
        return known is not None and known.shape is not None and "1" not in map(str, known.shape)

    def _commutation(self, node: Term) -> Term:
        base, *sizes = node.args
        comma = "," in node.latex
        dims = all(size.kind is Kind.NUMBER or size.text in self.dims for size in sizes)
        free = self.scope.find("K", base.bold) is None and "K" not in self.bare
        if not (free and (comma or dims)) or self._known(node):
            return node
        return Term(Kind.APPLY, node.span, tuple(sizes), "commutation", node.latex)

    def _refuse(self, node: Term) -> None:
        meant = _expectation_head(node.text) not in ("", "E") or any(
            node.text == word or node.text.startswith(f"{word}_") for word in _REFUSED
        )
        if meant and not self._known(node):
            expected = _expectation_head(node.text)
            word = node.text.partition("_")[0] in ("Var", "Cov")
            raise UnsupportedError(
                "an expectation without brackets leaves open how far it reaches"
                if expected
                else f"{node.latex or node.text} is not supported",
                node.span,
                r"write \mathbb{E}[…]" if expected or word else "declare it if it is a matrix",
            )


def _is_enclosed(factor: Term) -> bool:
    """Does a norm or a pair of bars, perhaps to a power, say where it ends?"""
    base = factor.args[0] if factor.kind is Kind.POWER else factor
    return base.kind in (Kind.NORM, Kind.BARS)


_OPENING, _SHUT = frozenset("([{"), frozenset(")]}")
_OF_A_LAW = regex(r"\\sim(?![A-Za-z])|\\mid(?![A-Za-z])|\||∼")


def averaged(operator: str) -> tuple[Name, ...]:
    r"""The names below an expectation, in their order: ``(x, t) \sim p`` has x and t."""
    below = operator.partition("_")[2].strip()
    if below.startswith("{") and below.endswith("}"):
        below = below[1:-1]
    found: dict[str, Name] = {}
    for part in _at_commas(below):
        text = _OF_A_LAW.split(part, maxsplit=1)[0]
        position = 0
        while position < len(text):
            name = scan_name(text, position, len(text))
            if name is not None:
                found.setdefault(name[0].text, name[0])
            position = name[1] if name is not None else position + 1
    return tuple(found.values())


def _at_commas(text: str) -> list[str]:
    """The parts between the commas that stand in no bracket."""
    parts, depth = [""], 0
    for char in text:
        depth += (char in _OPENING) - (char in _SHUT)
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _expectation_head(text: str) -> str:
    """``bb_E`` of ``bb_E_x``; empty for any other name."""
    for word in _EXPECTATIONS:
        if text == word or text.startswith(f"{word}_"):
            return word
    return ""
