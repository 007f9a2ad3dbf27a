r"""Names of several signs that are read letter by letter: ``MSE(\beta)`` and ``P^+(K)``.

They are names where they have a definition.
"""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.errors import Span
from mdiff_pandoc.latex.names import RAISED
from mdiff_pandoc.latex.scope import Scope
from mdiff_pandoc.latex.surface import Kind, Term


def spelled(term: Term, latex: str, scope: Scope) -> Term:
    """The tree of ``latex`` with such names in one piece."""
    defined = {text for (text, _), told in scope.definitions.items() if told.parameters}
    words = {text for text in defined if len(text) > 1 and text.isupper() and text.isalpha()}
    words = {text for text in words if not any(scope.find(letter, False) for letter in text)}
    raised = {text for text in defined if text.endswith(RAISED)}
    return _joined(term, latex, words, raised) if words or raised else term


def _joined(term: Term, latex: str, words: set[str], raised: set[str]) -> Term:
    args = tuple(_joined(arg, latex, words, raised) for arg in term.args)
    if term.kind is not Kind.PRODUCT:
        return replace(term, args=args) if args else term
    found: list[Term] = []
    for arg in args:
        found.append(arg)
        if arg.kind in (Kind.NAME, Kind.CALL):
            _join(found, words)
        if len(found) > 1 and found[-2].kind is Kind.PSEUDO_INVERSE:
            base, last = found[-2].args[0], found[-1]
            opened = latex[found[-2].span.end : last.span.start].strip().endswith("(")
            name = base.text + RAISED
            if opened and base.kind is Kind.NAME and name in raised:
                span = Span(base.span.start, last.span.end)
                found[-2:] = [Term(Kind.CALL, span, (last,), name, f"{base.latex}^+", base.bold)]
    return found[0] if len(found) == 1 else replace(term, args=tuple(found))


def _join(found: list[Term], words: set[str]) -> None:
    """Put the last terms together where they spell one of the words."""
    last = found[-1]
    for count in range(len(found) - 1, 0, -1):
        letters = found[-1 - count : -1]
        text = "".join(letter.text for letter in letters) + last.text
        places = [*letters, last]
        near = all(
            one.kind is Kind.NAME and one.text == one.latex and one.span.end == other.span.start
            for one, other in zip(letters, places[1:], strict=True)
        )
        if near and text in words:
            span = Span(letters[0].span.start, last.span.end)
            found[-1 - count :] = [replace(last, span=span, text=text, latex=text)]
            return
