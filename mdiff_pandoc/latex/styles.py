"""One letter in bold and in italics: two symbols, or one that was written in two ways."""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.latex.surface import Kind, Term, names_in, walk


def in_one_style(whole: Term, *, every: bool = False) -> Term:
    r"""The tree in which a variable under a derivative has the style of what it is to be found in.

    :math:`\nabla_x \operatorname{tr}(A \operatorname{diag}(\mathbf{x}))` speaks of one x. With
    ``every`` all letters that stand in both styles are bold.
    """
    if not any(bold for _, bold in names_in(whole)):
        return whole
    alone = names_in(_without_variables(whole))
    both = {text for text, bold in alone if (text, not bold) in alone} if every else set()
    turned = {
        (text, bold): not bold
        for node in walk(whole)
        if node.kind is Kind.DERIVATIVE
        for variable in node.args[1:]
        for text, bold in names_in(variable)
        if (text, bold) not in alone and (text, not bold) in alone
    }
    turned |= {(text, False): True for text in both}
    return _restyled(whole, turned) if turned else whole


def _without_variables(term: Term) -> Term:
    args = term.args[:1] if term.kind is Kind.DERIVATIVE else term.args
    return replace(term, args=tuple(map(_without_variables, args)))


def _restyled(term: Term, turned: dict[tuple[str, bool], bool]) -> Term:
    args = tuple(_restyled(arg, turned) for arg in term.args)
    bold = term.bold
    if term.kind in (Kind.NAME, Kind.CALL):
        bold = turned.get((term.text, term.bold), term.bold)
    return replace(term, args=args, bold=bold)
