"""The words for properties of symbols: those that mdiff uses, and those that it does not read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from mdiff_pandoc.patterns import regex

_NOT_READ = ""  # what such a word says beside is not used
# what is told of a symbol, by how it is said
_PROPERTIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"positive[- ]definite", ("positive definite",)),
    (
        r"(?:positive|non-?negative)[- ](?:semi-?\s?|\(semi-?\)\s?)definite",
        ("positive semidefinite",),
    ),
    (r"non-?negative[- ]definite", ("positive semidefinite",)),
    (r"negative[- ](?:semi-?\s?|\(semi-?\)\s?)?definite", ("symmetric", _NOT_READ)),
    (
        r"(?<!cross-)(?<!cross )(?:auto-?)?(?:covariance|correlation|gram|gramian)(?=\s+matri)",
        ("positive semidefinite",),
    ),
    (r"skew[- ]symmetric|antisymmetric", ("skew",)),
    (r"(?<!block )symmetric", ("symmetric",)),
    (r"(?<!block )diagonal", ("diagonal",)),
    (r"orthonormal\s+columns", ("orthonormal columns",)),
    (r"orthogonal\s+project\w+", (_NOT_READ,)),
    (
        r"(?:orthogonal|orthonormal)"
        r"(?!\s+(?:bas[ie]s|to|complement\w*|vectors?|eigenvectors?|rows?|directions?))",
        ("orthogonal",),
    ),
    (
        r"rotation(?!\s+(?:ang|ax[ei]s|vector))\w*|permutation(?=\s+matri)"
        r"|(?:householder|givens)(?:\s+(?:reflect\w+|rotation))?",
        ("orthogonal", _NOT_READ),
    ),
    (r"involut(?:ion|ory|ive)", ("invertible", _NOT_READ)),
    (r"(?:unit|strictly)[- ]lower[- ]triangular", ("lower triangular", _NOT_READ)),
    (r"(?:unit|strictly)[- ]upper[- ]triangular", ("upper triangular", _NOT_READ)),
    (r"(?<!block )lower[- ]triangular", ("lower triangular",)),
    (r"(?<!block )upper[- ]triangular", ("upper triangular",)),
    (r"invertible|non-?singular|regular", ("invertible",)),
    (r"constant", ("constant",)),
    (r"unit(?=\s+(?:\w+\s+)?vectors?)|(?<=of )unit(?=\s+(?:length|norm))", ("unit",)),
    (r"all[- ]ones?|(?<=of )ones|(?<=of all )ones", ("ones",)),
    (r"identity(?=\s+matri)|(?<=the )identity", ("identity",)),
    (r"one[- ]hot", ("one hot",)),
    (r"probability\s+(?:vectors?|distributions?)", ("probability",)),
    (r"row[- ]stochastic", ("row stochastic",)),
    (r"column[- ]stochastic", ("columns sum to one",)),
    (r"binary(?=\s+(?:mask|matri|vector))", ("binary",)),
    (
        r"positive(?!\s+(?:integer|part|root|trace|determinant|eigen\w+|real part))"
        r"|strictly positive",
        ("positive",),
    ),
    (
        r"(?:idem|nil|uni)potent|projections?|projectors?|reflections?|reflectors?|isometr\w+|"
        r"normal(?!\s+(?:equation|vector|form|to|distribut))|unitary|(?:anti-?)?hermitian|"
        r"singular(?!\s+(?:value|vector))|degenerate|rank[- ]deficient|rank[- ](?:one|two|1|2)|"
        r"traceless|trace[- ]free|unimodular|unitriangular|(?:doubly\s+|sub-?|bi)?stochastic|"
        r"centr?ed|centering|whitened|standardi[sz]ed|normali[sz]ed|zero[- ]mean|mean[- ]zero|"
        r"isotropic|toeplitz|hankel|circulant|vandermonde|hessenberg|hurwitz|metzler|laplacian|"
        r"hamiltonian|symplectic|tri-?diagonal|bi-?diagonal|banded|diagonally\s+dominant|"
        r"block[- ](?:diagonal|triangular|symmetric|lower\w*|upper\w*)|indefinite|copositive|"
        r"(?:per|centro-?|bi-?)symmetric|unit\s+trace|"
        r"(?:cauchy|hilbert|companion|fourier|sylvester|adjacency|incidence|lorentz|pauli|markov|"
        r"exchange|shift|density|scalar|elementary|inverse|zero|null)(?=\s+matri)|"
        r"eigen-?(?:vector|value)s?(?!\s+(?:decompos|problem|equation|factori))|"
        r"singular\s+(?:vector|value)s?(?!\s+(?:decompos|factori))|"
        r"(?:stationary|critical|fixed)\s+points?|minimi[sz]ers?|maximi[sz]ers?|solutions?|"
        r"orthogonal\s+to|orthonormal\s+(?:rows|basis)|orthogonal\s+(?:vectors?|rows)",
        (_NOT_READ,),
    ),
)
PROPERTY = regex(
    rf"(?<![\w-])(?:{'|'.join(f'({pattern})' for pattern, _ in _PROPERTIES)})(?![\w-])"
)
SQUARE_ONLY = frozenset(
    (
        "positive definite",
        "positive semidefinite",
        "skew",
        "symmetric",
        "diagonal",
        "orthogonal",
        "lower triangular",
        "upper triangular",
        "invertible",
        "identity",
    )
)
OF_VECTORS = frozenset(("one hot", "probability"))
# what a predicate may be that says nothing of the values
# what is told of several symbols at once
TOGETHER = (
    r"(?:(?:mutually|pairwise|linearly|statistically|stochastically)\s+)?"
    r"(?:commut(?:e|es|ing)|independent|uncorrelated|orthogonal|perpendicular|conjugate|similar|"
    r"congruent|inverse|inverses)(?:\s+(?:to|of)\s+(?:each\s+other|one\s+another))?"
)
_HARMLESS = frozenset(
    "a an the and or both all each also again then now here there real square rectangular large "
    "small big tall wide thin fat long short dense sparse arbitrary general generic known unknown "
    "fixed finite nonzero differentiable smooth continuous linear nonlinear affine convex concave "
    "scalar vector matrix vectors matrices number numbers integer integers scalars constants true "
    "false clear obvious easy simple different same equal compatible conformable suitable "
    "appropriate unique important free random deterministic hidden available possible full rank "
    "column row tensor any some every such as well conditioned ill high low new old it its their "
    "our zero-one variable parameter input output data unconstrained nonnegative non-negative "
    "non-zero independent dependent observed size length dimension dimensional order very quite "
    "strictly only just still always called one two three".split()
)
_TOKEN = regex(r"[a-z][a-z-]*")
_PARTICIPLE = regex(r".*(?:ed|en|ing|ly|own)\Z")
_ALTERNATIVE = regex(r"\b(?:or|either|and/or)\b|/")


class Told(Struct, frozen=True):
    """What a phrase says: ``facts`` that are used, and the words that are not."""

    facts: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def told_in(phrase: str, *, predicate: bool = False) -> Told:
    """The properties in a lower-case phrase. Alternatives ("symmetric or diagonal") are not used.

    Of a ``predicate`` ("is …") that is an adjective, a word that is not known is not read either.
    """
    found = list(PROPERTY.finditer(phrase))
    if found and _ALTERNATIVE.search(phrase):
        start, stop = found[0].start(), found[-1].end()
        return Told(unread=(" ".join(phrase[start:stop].split()),))
    facts: list[str] = []
    unread: list[str] = []
    for match in found:
        for words in _PROPERTIES[(match.lastindex or 1) - 1][1]:
            if words == _NOT_READ:
                unread.append(" ".join(match[0].split()))
            else:
                facts.append(words)
    if predicate:
        unread += _unknown(PROPERTY.sub(" ", phrase))
    return Told(tuple(facts), tuple(unread))


def unread(name: str, words: str, others: Sequence[str] = ()) -> str:
    """The fact that ``words``, said of a symbol and the ``others``, are not read."""
    return " ".join((f'{name} unread "{words}"', *others))


def _unknown(phrase: str) -> Iterator[str]:
    """The adjectives of a predicate such as "is hollow" of which nothing is known."""
    words = _TOKEN.findall(phrase)
    if made := _MADE_OF.fullmatch(phrase):
        yield made[1]
    if len(words) <= _MOST and _NOUNS.isdisjoint(words):
        for word in words:
            if word not in _HARMLESS and not _PARTICIPLE.match(word):
                yield word


# "B is the inverse of A", cut before the "of"
_MADE_OF = regex(
    r"\s*(?:the|an?)\s+(?:[\w-]+\s+){0,2}((?:pseudo-?)?inverse|transpose|adjoint|adjugate|product|"
    r"sum|difference|square|root|power|factor)\s*"
)
_NOUNS = frozenset("a an the matrix matrices vector vectors scalar scalars number numbers".split())
_MOST = 3  # words of a predicate without a noun
