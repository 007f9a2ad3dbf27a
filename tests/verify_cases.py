"""Gradient problems with their answers, and mutants of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import (
    Expr,
    Op,
    add,
    det,
    diag,
    diagonal,
    divide,
    entry,
    function,
    hadamard,
    hdivide,
    hpower,
    identity,
    index_sum,
    inverse,
    matmul,
    mul,
    neg,
    norm,
    number,
    ones,
    power,
    rebuild,
    scale,
    sub,
    symbol,
    trace,
    transpose,
    unvec,
    vec,
)

T, inv, tr = transpose, inverse, trace
half = number(Fraction(1, 2))


class Case(NamedTuple):
    """A function, the variable, and the right gradient."""

    name: str
    f: Expr
    variable: Expr
    gradient: Expr


def two(e: Expr) -> Expr:
    return scale(number(2), e)


def log(e: Expr) -> Expr:
    return function("log", e)


def square(e: Expr) -> Expr:
    return power(norm(e, "2" if e.is_vector else "F"), 2)


def bilinear(u: Expr, *middle: Expr) -> Expr:
    return matmul(T(u), *middle)


def traces() -> Iterator[Case]:
    A, X, B = symbol("A", "p", "m"), symbol("X", "m", "n"), symbol("B", "n", "p")
    Y, F, D = symbol("Y", "n", "m"), symbol("F", "n", "m"), symbol("D", "p", "n")
    K, M, S, N = (symbol(name, "n", "n") for name in "KMSN")
    a = symbol("a")
    G = symbol("G", "m", "n")
    yield Case("tr(AXB)", tr(matmul(A, X, B)), X, matmul(T(A), T(B)))
    yield Case("tr(AY'B)", tr(matmul(A, T(Y), B)), Y, matmul(B, A))
    yield Case("tr(XF)", tr(matmul(X, F)), X, T(F))
    yield Case("tr(K')", tr(T(K)), K, identity("n"))
    yield Case("tr(aK)", tr(scale(a, K)), K, scale(a, identity("n")))
    terms = matmul(T(A), D, T(X), T(F)), matmul(T(F), T(X), T(A), D)
    yield Case("tr(AXFXD')", tr(matmul(A, X, F, X, T(D))), X, add(*terms))
    yield Case(
        "tr(KMK'S)",
        tr(matmul(K, M, T(K), S)),
        K,
        add(matmul(T(S), K, T(M)), matmul(S, K, M)),
    )
    terms = (
        matmul(T(N), T(S), T(K), K, T(S), T(M), K),
        matmul(M, S, T(K), K, S, N, K),
        matmul(K, S, N, K, T(K), M, S),
        matmul(K, T(S), T(M), K, T(K), T(N), T(S)),
    )
    chain = matmul(N, K, T(K), M, S, T(K), K, S)
    yield Case("four places", tr(chain), K, add(*terms))
    yield Case("tr(K^2M)", tr(matmul(power(K, 2), M)), K, T(add(matmul(K, M), matmul(M, K))))
    powers = add(*(matmul(power(K, i), M, power(K, 4 - i)) for i in range(5)))
    yield Case("tr(MK^5)", tr(matmul(M, power(K, 5))), K, T(powers))
    yield Case("tr(A'(X.X))", tr(matmul(T(G), hadamard(X, X))), X, two(hadamard(G, X)))
    R = add(matmul(A, X, F), symbol("E", "p", "m"))
    yield Case("tr(RR')", tr(matmul(R, T(R))), X, two(matmul(T(A), R, T(F))))


def inverses() -> Iterator[Case]:
    K, M = symbol("K", "n", "n"), symbol("M", "n", "n")
    a, b = symbol("a", "n"), symbol("b", "n")
    X = symbol("X", "m", "k")
    gram = matmul(T(X), X)
    i = inv(K)
    yield Case("det", det(K), K, scale(det(K), T(i)))
    yield Case("log det X'X", log(det(gram)), X, two(matmul(X, inv(gram))))
    yield Case("det X'X", det(gram), X, scale(mul(number(2), det(gram)), matmul(X, inv(gram))))
    yield Case("tr(MK^-1)", tr(matmul(M, i)), K, neg(T(matmul(i, M, i))))
    yield Case("a'K^-1b", bilinear(a, i, b), K, neg(matmul(T(i), a, T(b), T(i))))
    yield Case("det K^-1", det(i), K, neg(scale(det(i), T(i))))
    both = mul(tr(matmul(M, K)), det(K))
    yield Case("tr det", both, K, add(scale(det(K), T(M)), scale(both, T(i))))
    ratio = divide(tr(K), det(K))
    yield Case("tr/det", ratio, K, sub(divide(identity("n"), det(K)), scale(ratio, T(i))))
    inner = add(M, T(M))
    yield Case("tr(K^-TMK^-1)", tr(matmul(T(i), M, i)), K, neg(matmul(T(i), inner, i, T(i))))
    C, B = symbol("C", "m", "m", ["positive definite"]), symbol("B", "m", "m", ["symmetric"])
    below = inv(matmul(T(X), C, X))
    above = matmul(T(X), B, X)
    yield Case(
        "ratio trace",
        tr(matmul(below, above)),
        X,
        two(sub(matmul(B, X, below), matmul(C, X, below, above, below))),
    )


def quadratics() -> Iterator[Case]:
    x, a, b, c = (symbol(name, "n") for name in "xabc")
    K = symbol("K", "n", "n")
    A, y, X = symbol("A", "m", "n"), symbol("y", "m"), symbol("X", "m", "n")
    sym, spd = symbol("S", "n", "n", ["symmetric"]), symbol("P", "n", "n", ["positive definite"])
    t = symbol("t")
    r = sub(matmul(A, x), y)
    yield Case("x'Kx", bilinear(x, K, x), x, matmul(add(K, T(K)), x))
    yield Case("x'Sx", bilinear(x, sym, x), x, two(matmul(sym, x)))
    yield Case("|x|^2", square(x), x, two(x))
    yield Case("|x|^4", power(norm(x, "2"), 4), x, scale(mul(number(4), square(x)), x))
    yield Case("|Ax-y|^2", square(r), x, two(matmul(T(A), r)))
    mean = sub(x, a)
    yield Case("Mahalanobis", bilinear(mean, inv(spd), mean), a, neg(two(matmul(inv(spd), mean))))
    yield Case(
        "b'X'Xc",
        bilinear(b, T(X), X, c),
        X,
        matmul(X, add(matmul(b, T(c)), matmul(c, T(b)))),
    )
    yield Case(
        "a'KKKb",
        bilinear(a, K, K, K, b),
        K,
        add(
            matmul(a, T(b), T(K), T(K)),
            matmul(T(K), a, T(b), T(K)),
            matmul(T(K), T(K), a, T(b)),
        ),
    )
    W, H = symbol("W", "m", "k"), symbol("H", "k", "n")
    R = sub(X, matmul(W, H))
    yield Case("|X-WH|^2 by W", square(R), W, neg(two(matmul(R, T(H)))))
    yield Case("|X-WH|^2 by H", square(R), H, neg(two(matmul(T(W), R))))
    masked = hadamard(symbol("D", "m", "n"), R)
    weighted = hadamard(symbol("D", "m", "n"), masked)
    yield Case("weighted", square(masked), W, neg(two(matmul(weighted, T(H)))))
    Z, B = symbol("Z", "n", "k"), symbol("B", "m", "k")
    ridge = add(square(sub(matmul(A, Z), B)), mul(t, square(Z)))
    slope = add(two(matmul(T(A), sub(matmul(A, Z), B))), scale(mul(number(2), t), Z))
    yield Case("ridge", ridge, Z, slope)
    z = sub(hadamard(x, a), b)
    yield Case("|x.a-b|^2", square(z), x, two(hadamard(z, a)))
    scalar = add(mul(power(t, 2), bilinear(x, x)), mul(t, bilinear(a, x)))
    yield Case("by t", scalar, t, add(mul(number(2), t, bilinear(x, x)), bilinear(a, x)))


def structures() -> Iterator[Case]:
    x, a, b = (symbol(name, "n") for name in "xab")
    K, M, N = (symbol(name, "n", "n") for name in "KMN")
    A, B = symbol("A", "p", "n"), symbol("B", "n", "p")
    X, L = symbol("X", "m", "n"), symbol("L", 1, 1)
    one = ones("p")
    yield Case("tr(A diag B)", tr(matmul(A, diag(x), B)), x, matmul(hadamard(T(A), B), one))
    yield Case("a diag b", bilinear(a, diag(x), b), x, hadamard(a, b))
    yield Case("a'diag(K)", bilinear(a, diagonal(K)), K, diag(a))
    inner = diagonal(matmul(T(X), X))
    yield Case("|diag(X'X)|^2", square(inner), X, scale(number(4), matmul(X, diag(inner))))
    pair = tr(matmul(diag(x), M, diag(x), N))
    mixed = add(hadamard(M, T(N)), hadamard(T(M), N))
    yield Case("two diagonals", pair, x, matmul(mixed, x))
    Q = symbol("Q", vec(K).shape[0], vec(K).shape[0])
    turned = matmul(add(Q, T(Q)), vec(K))
    yield Case("vec", bilinear(vec(K), Q, vec(K)), K, unvec(turned, K.shape))
    S, P = symbol("S", "n", "n", ["symmetric"]), symbol("P", "n", "n", ["positive definite"])
    yield Case("tr(MS)", tr(matmul(M, S)), S, scale(half, add(M, T(M))))
    yield Case("log det P", log(det(P)), P, inv(P))
    D = symbol("D", "n", "n", ["diagonal"])
    yield Case("tr(MD)", tr(matmul(M, D)), D, diag(diagonal(M)))
    body = mul(entry(a, "i"), log(entry(x, "i")))
    yield Case("sum", index_sum("i", "n", body), x, hdivide(a, x))
    yield Case(
        "scalar", power(add(L, number(3)), 3), L, scale(number(3), power(add(L, number(3)), 2))
    )


def transcendental() -> Iterator[Case]:
    V, A, X = symbol("V", "p", "q"), symbol("A", "p", "m"), symbol("X", "m", "n")
    B, Y = symbol("B", "n", "q"), symbol("Y", "n", "m")
    body = matmul(A, X, B)
    yield Case("log", tr(matmul(T(V), log(body))), X, matmul(T(A), hdivide(V, body), T(B)))
    body = matmul(A, T(Y), B)
    ratio = hdivide(V, body)
    yield Case("log of transpose", tr(matmul(T(V), log(body))), Y, matmul(B, T(ratio), A))
    a, x, y = symbol("a", "n"), symbol("x", "n"), symbol("y", "n")
    C = symbol("C", "p", "n")
    body = matmul(C, diag(x), B)
    yield Case(
        "log of diag",
        tr(matmul(T(V), log(body))),
        x,
        matmul(hadamard(matmul(T(C), hdivide(V, body)), B), ones("q")),
    )
    z = bilinear(a, x)
    yield Case("sin", function("sin", z), x, scale(function("cos", z), a))
    total = bilinear(ones("n"), function("exp", x))
    yield Case("logsumexp", log(total), x, divide(function("exp", x), total))
    cosine = divide(bilinear(x, y), mul(norm(x, "2"), norm(y, "2")))
    first = divide(y, mul(norm(x, "2"), norm(y, "2")))
    yield Case("cosine", cosine, x, sub(first, scale(divide(cosine, square(x)), x)))
    X = symbol("X", "m", "n")
    yield Case("Frobenius", norm(X, "F"), X, divide(X, norm(X, "F")))
    w, t = symbol("w", "n"), symbol("t")
    margin = mul(t, bilinear(w, x))
    sigma = function("sigma", margin)
    slope = scale(neg(mul(sub(number(1), sigma), t)), x)
    yield Case("logistic", neg(log(sigma)), w, slope)
    W, U = symbol("W", "h", "d"), symbol("U", "k", "h")
    u, v, out = symbol("u", "d"), symbol("v", "h"), symbol("o", "k")
    hidden = function("tanh", add(matmul(W, u), v))
    rest = sub(matmul(U, hidden), out)
    inner = hadamard(sub(ones("h"), hpower(hidden, 2)), matmul(T(U), rest))
    yield Case("network by bias", square(rest), v, two(inner))
    yield Case("network by weights", square(rest), W, two(matmul(inner, T(u))))
    P, s = symbol("P", "n", "n", ["positive definite"]), symbol("s", "n")
    i = inv(P)
    density = add(mul(half, bilinear(s, i, s)), mul(half, log(det(P))))
    slope = scale(half, sub(i, matmul(i, s, T(s), i)))
    yield Case("Gaussian", density, P, slope)
    E, q = symbol("E", "m", "n"), symbol("q", "m")
    slack = sub(q, matmul(E, x))
    barrier = neg(bilinear(ones("m"), log(slack)))
    yield Case("barrier", barrier, x, matmul(T(E), hdivide(ones("m"), slack)))


CASES = [*traces(), *inverses(), *quadratics(), *structures(), *transcendental()]


def mutants(gradient: Expr, symbols: frozenset[Expr]) -> list[Expr]:
    """What a slip of the pen makes of a formula: other signs, factors, orders, transposes."""
    found: dict[Expr, None] = {}
    for factor in (-1, 2, 3, -2, Fraction(1, 2), Fraction(1, 3)):
        found.setdefault(scale(number(factor), gradient))
    for node in _slipped(gradient):
        found.setdefault(node)
    if gradient.shape[0] == gradient.shape[1]:
        found.setdefault(T(gradient))
    for extra in sorted(symbols, key=repr):
        for term in (extra, T(extra)):
            if term.shape == gradient.shape:
                found.setdefault(add(gradient, term))
                found.setdefault(sub(gradient, term))
    if not gradient.is_scalar:
        found.setdefault(hadamard(gradient, gradient))
    found.setdefault(add(gradient, ones(*gradient.shape)))
    found.pop(gradient, None)
    return list(found)


def _slipped(node: Expr) -> Iterator[Expr]:
    yield from _slips(node)
    for position, arg in enumerate(node.args):
        for changed in _slipped(arg):
            args = [*node.args[:position], changed, *node.args[position + 1 :]]
            try:
                yield rebuild(node, args)
            except MdiffError:
                continue


def _slips(node: Expr) -> Iterator[Expr]:
    args = node.args
    if node.op in (Op.TRANSPOSE, Op.INVERSE) and node.shape == args[0].shape:
        yield args[0]
    if node.op in (Op.SYMBOL, Op.INVERSE) and node.shape[0] == node.shape[1] and not node.is_scalar:
        yield T(node)
    if node.op in (Op.SUM, Op.MATMUL):
        for position in range(len(args)):
            rest = [*args[:position], *args[position + 1 :]]
            if node.op is Op.SUM:
                yield add(*rest)
                yield add(*rest, neg(args[position]))
            elif position + 1 < len(args):
                swapped = [*args[:position], args[position + 1], args[position]]
                try:
                    yield matmul(*swapped, *args[position + 2 :])
                except MdiffError:
                    continue
    if node.op is Op.SCALE:
        yield args[1]
