"""Identities about derivatives of every kind and functions of whole matrices, and wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr import Dim, Expr, Layout

T, inv, tr = ex.transpose, ex.inverse, ex.trace
by, mm = ex.derivative, ex.matmul
DOWN = Layout.DENOMINATOR
two, half = ex.number(2), ex.number(Fraction(1, 2))

A, X, B = ex.symbol("A", "p", "m"), ex.symbol("X", "m", "n"), ex.symbol("B", "n", "p")
M, K, L = ex.symbol("M", "m", "n"), ex.symbol("K", "n", "n"), ex.symbol("L", "n", "n")
S, P = ex.symbol("S", "n", "n", ["symmetric"]), ex.symbol("P", "n", "n", ["positive definite"])
x, a, t = ex.symbol("x", "n"), ex.symbol("a", "n"), ex.symbol("t")
u3, v3, w3 = (ex.symbol(name, 3) for name in "uvw")
dX, dK, dP, dS = (ex.diff(node) for node in (X, K, P, S))
COM = ex.commutation("n", "n")


class Identity(NamedTuple):
    """A right equality, right sides that are wrong, and the variable of the differentials."""

    left: Expr
    right: Expr
    wrong: tuple[Expr, ...] = ()
    variable: Expr | None = None


def two_of(e: Expr) -> Expr:
    return ex.scale(two, e)


def jacobians() -> Iterator[tuple[str, Identity]]:
    yield "linear", Identity(by(mm(M, x), x), M)
    yield "denominator", Identity(by(mm(M, x), x, DOWN), T(M))
    yield "vec", Identity(by(ex.vec(mm(A, X, B)), ex.vec(X)), ex.kron(T(B), A))
    yield (
        "vec of a transpose",
        Identity(by(ex.vec(T(X)), ex.vec(X)), ex.commutation("m", "n"), (T(COM),)),
    )
    squares = ex.kron(T(K), ex.identity("n")), ex.kron(ex.identity("n"), K)
    wrong = ex.add(ex.kron(K, ex.identity("n")), squares[1])
    yield "square", Identity(by(ex.vec(mm(K, K)), ex.vec(K)), ex.add(*squares), (wrong,))
    cube = ex.scale(ex.power(t, 3), X)
    yield (
        "by a scalar",
        Identity(by(cube, t), ex.scale(ex.mul(ex.number(3), ex.power(t, 2)), X)),
    )
    curve = ex.scale(ex.power(t, 2), x)
    yield "a line by a scalar", Identity(by(curve, t, DOWN), ex.scale(ex.mul(two, t), T(x)))
    entry = by(ex.entry(mm(A, X, B), "i", "j"), ex.entry(X, "k", "l"))
    product = ex.mul(ex.entry(A, "i", "k"), ex.entry(B, "l", "j"))
    turned = ex.mul(ex.entry(A, "i", "k"), ex.entry(B, "l", "i"))
    yield "entry by entry", Identity(entry, product, (turned,))
    outer = mm(ex.column(A, "k"), ex.row(B, "l"))
    yield "matrix by entry", Identity(by(mm(A, X, B), ex.entry(X, "k", "l")), outer)
    both = ex.mul(ex.delta("i", "k"), ex.delta("j", "l"))
    crossed = ex.mul(ex.delta("i", "l"), ex.delta("j", "k"))
    yield (
        "a symbol by itself",
        Identity(by(ex.entry(K, "i", "j"), ex.entry(K, "k", "l")), both, (crossed,)),
    )
    sym = by(ex.entry(S, "i", "j"), ex.entry(S, "k", "l"))
    mean = ex.scale(half, ex.add(both, crossed))
    yield "a symmetric symbol by itself", Identity(sym, mean, (both, ex.add(both, crossed)))
    one, other = (ex.symbol("x", "n", 1, (), (index,)) for index in "ij")
    samples = ex.index_sum("i", "m", mm(T(one), K, one))
    yield "one sample", Identity(by(samples, other), mm(ex.add(K, T(K)), other))


def hessians() -> Iterator[tuple[str, Identity]]:
    form = mm(T(x), K, x)
    yield "form", Identity(by(by(form, x), x), ex.add(K, T(K)), (two_of(K),))
    yield "mixed", Identity(by(by(mm(T(x), K, a), x), a), K, (T(K),))
    yield "d of a gradient", Identity(ex.diff(by(tr(mm(K, K)), K)), T(two_of(dK)), (two_of(dK),), K)
    i, ti = inv(K), T(inv(K))
    logdet = ex.function("log", ex.det(K))
    right = ex.neg(mm(ex.kron(i, ti), COM))
    wrong = ex.neg(mm(COM, ex.kron(i, ti))), ex.neg(ex.kron(i, ti))
    yield "log det", Identity(by(ex.vec(by(logdet, K)), ex.vec(K)), right, wrong)
    outer = mm(ex.vec(ti), T(ex.vec(ti)))
    right = ex.scale(ex.det(K), ex.sub(outer, mm(COM, ex.kron(ti, i))))
    yield "det", Identity(by(ex.vec(by(ex.det(K), K)), ex.vec(K)), right)
    total = mm(T(ex.ones("n")), ex.function("exp", x))
    soft = ex.divide(ex.function("exp", x), total)
    right = ex.sub(ex.diag(soft), mm(soft, T(soft)))
    yield "logsumexp", Identity(by(by(ex.function("log", total), x), x), right, (ex.diag(soft),))
    turns = ex.power(tr(mm(i, dK)), 2), tr(mm(i, dK, i, dK))
    right = ex.mul(ex.det(K), ex.sub(*turns))
    yield (
        "second differential",
        Identity(ex.diff(ex.diff(ex.det(K))), right, (ex.mul(ex.det(K), ex.add(*turns)),), K),
    )
    fifth = by(by(by(ex.power(t, 5), t), t), t)
    yield "third derivative", Identity(fifth, ex.mul(ex.number(60), ex.power(t, 2)))
    wave = by(by(by(ex.function("exp", ex.mul(two, t)), t), t), t)
    right = ex.mul(ex.number(8), ex.function("exp", ex.mul(two, t)))
    yield "third derivative of exp", Identity(wave, right)
    quartic = ex.power(form, 2)
    right = ex.mul(ex.number(12), quartic)
    yield "Euler's relation", Identity(mm(T(x), by(by(quartic, x), x), x), right)


def names() -> Iterator[tuple[str, Identity]]:
    C = ex.named("C", mm(M, T(X)))
    y = tr(mm(C, C))
    up = by(y, C)
    yield "upstream", Identity(up, two_of(T(C)), (two_of(C),))
    yield "chain", Identity(by(y, M), mm(up, X), (mm(T(up), X),))
    held = ex.symbol("D", "m", "m")
    yield (
        "what a name is made of stays",
        Identity(
            by(mm(C, M), ex.entry(C, 1, 2)),
            mm(ex.basis(1, "m"), T(ex.basis(2, "m")), M),
            (mm(held, M),),
        ),
    )
    f = ex.apply("f", (mm(X, T(M)),))
    slope = ex.slope(f)
    yield "slope", Identity(by(f, X), mm(slope, M), (mm(T(slope), M),))
    H = ex.apply("H", (mm(K, L), K))
    one, other = ex.slope(H, 0), ex.slope(H, 1)
    right = ex.add(mm(one, T(L)), other)
    yield "two arguments", Identity(by(H, K), right, (mm(one, T(L)), ex.add(mm(one, L), other)))
    AX = ex.apply("A", (X,), (Dim.of("p"), Dim.of("m")))
    BX = ex.apply("B", (X,), (Dim.of("m"), Dim.of("q")))
    right = ex.add(mm(ex.diff(AX), BX), mm(AX, ex.diff(BX)))
    yield "product", Identity(ex.diff(mm(AX, BX)), right, (mm(ex.diff(AX), BX),), X)
    Z = ex.symbol("Z", "q", "p")
    yield "by a function", Identity(by(tr(mm(AX, BX, Z)), AX), T(mm(BX, Z)))
    g = ex.apply("g", (x,))
    second = by(by(g, x), x)
    yield "a Hessian is symmetric", Identity(second, T(second), (ex.zero("n", "n"),))
    log = by(ex.function("log", g), x)
    yield "log of a function", Identity(log, ex.divide(by(g, x), g))


def structured() -> Iterator[tuple[str, Identity]]:
    Q, u = ex.symbol("Q", "m", "n", ["orthogonal"]), ex.symbol("u", "n", 1, ["unit"])
    G = ex.symbol("G", "m", "n")
    sym = ex.scale(half, ex.add(mm(T(Q), G), mm(T(G), Q)))
    right = ex.sub(G, mm(Q, sym))
    yield "orthonormal columns", Identity(by(tr(mm(T(G), Q)), Q), right, (G, ex.neg(G)))
    yield "unit", Identity(by(mm(T(a), u), u), ex.sub(a, ex.scale(mm(T(a), u), u)), (a,))
    low = ex.symbol("R", "n", "n", ["lower triangular"])
    yield "triangular", Identity(by(tr(mm(low, low)), low), two_of(ex.diag(ex.diagonal(low))))
    right = ex.scale(half, ex.add(K, T(K)))
    yield "symmetric", Identity(by(tr(mm(K, S)), S), right, (T(K), ex.add(K, T(K))))


def rational() -> Iterator[tuple[str, Identity]]:
    yield "commutation", Identity(ex.vec(T(X)), mm(ex.commutation("m", "n"), ex.vec(X)))
    blocks = ex.block([[K, ex.zero("n", "n")], [ex.symbol("Z", "n", "n"), L]])
    yield "block determinant", Identity(ex.det(blocks), ex.mul(ex.det(K), ex.det(L)))
    listed = ex.block([[t, ex.number(1)], [ex.number(2), ex.power(t, 2)]])
    yield "listed entries", Identity(by(ex.det(listed), t), ex.scale(ex.number(3), ex.power(t, 2)))
    right = ex.sub(ex.scale(mm(T(u3), w3), v3), ex.scale(mm(T(u3), v3), w3))
    yield "triple product", Identity(ex.cross(u3, ex.cross(v3, w3)), right)
    slope = by(mm(T(w3), ex.cross(u3, v3)), u3)
    yield "cross", Identity(slope, ex.cross(v3, w3), (ex.cross(w3, v3),))
    adj = ex.adjugate(K)
    yield "adjugate", Identity(mm(adj, K), ex.scale(ex.det(K), ex.identity("n")))
    yield "slope of det", Identity(by(ex.det(K), K), T(adj), (adj,))
    yield (
        "adjugate of rank one",
        Identity(
            ex.adjugate(ex.block([[t, t], [t, t]])),
            ex.block([[t, ex.neg(t)], [ex.neg(t), t]]),
            (ex.adjugate(ex.block([[t, ex.neg(t)], [t, t]])),),
        ),
    )
    plus = ex.pseudo_inverse(X)
    for name, pair in {"X X⁺ X": (mm(X, plus, X), X), "X⁺ X X⁺": (mm(plus, X, plus), plus)}.items():
        yield name, Identity(*pair)
    yield "X X⁺ is symmetric", Identity(T(mm(X, plus)), mm(X, plus))
    golub = (
        ex.neg(mm(plus, dX, plus)),
        mm(plus, T(plus), T(dX), ex.sub(ex.identity("m"), mm(X, plus))),
        mm(ex.sub(ex.identity("n"), mm(plus, X)), T(dX), T(plus), plus),
    )
    yield "d X⁺", Identity(ex.diff(plus), ex.add(*golub), (golub[0], ex.add(*golub[:2])), X)
    mean = ex.expectation(x, ("x",))
    square = ex.expectation(ex.power(mm(T(a), x), 2), ("x",))
    yield "mean", Identity(ex.expectation(mm(K, x), ("x",)), mm(K, mean), (mm(K, x),))
    outer = ex.expectation(mm(x, T(x)), ("x",))
    yield "second moment", Identity(square, mm(T(a), outer, a), (ex.power(mm(T(a), mean), 2),))
    rest = ex.sub(t, ex.expectation(t, ("t",)))
    moments = ex.expectation(ex.power(t, 2), ("t",)), ex.power(ex.expectation(t, ("t",)), 2)
    variance = ex.expectation(ex.power(rest, 2), ("t",))
    yield "variance", Identity(variance, ex.sub(*moments), (moments[0],))
    loss = ex.sub(mm(T(a), x), t)
    right = two_of(ex.expectation(ex.scale(loss, x)))
    yield "risk", Identity(by(ex.expectation(ex.power(loss, 2)), a), right, (), a)


def spectral() -> Iterator[tuple[str, Identity]]:
    soft = ex.softmax(x)
    right = ex.sub(ex.diag(soft), mm(soft, T(soft)))
    yield "softmax", Identity(by(soft, x), right, (ex.diag(soft),))
    yield "logsumexp", Identity(by(ex.logsumexp(x), x), soft)
    yield (
        "softmax of logs",
        Identity(ex.softmax(ex.function("log", x)), ex.divide(x, mm(T(ex.ones("n")), x))),
    )
    f = ex.matrix_function
    pairs = {"exp": (1, "exp"), "sin": (1, "cos"), "cos": (-1, "sin"), "sinh": (1, "cosh")}
    for name, (sign, slope) in {**pairs, "cosh": (1, "sinh")}.items():
        right = ex.scale(ex.number(sign), f(slope, K))
        yield f"tr {name}", Identity(by(tr(f(name, K)), K), T(right), (right,))
    root = f("sqrt", K)
    yield "tr log", Identity(by(tr(f("log", K)), K), T(inv(K)), (inv(K),))
    yield "tr sqrt", Identity(by(tr(root), K), ex.scale(half, T(inv(root))), (T(inv(root)),))
    yield "root squared", Identity(mm(root, root), K)
    yield "exp of log", Identity(f("exp", f("log", K)), K)
    twice = mm(f("sin", K), f("sin", K)), mm(f("cos", K), f("cos", K))
    yield "sin² + cos²", Identity(ex.add(*twice), ex.identity("n"))
    yield "exp of zero", Identity(f("exp", ex.zero("n", "n")), ex.identity("n"))
    yield "log det", Identity(ex.function("log", ex.det(P)), tr(f("log", P)))
    yield (
        "exponents do not add",
        Identity(
            f("exp", two_of(K)), mm(f("exp", K), f("exp", K)), (mm(f("exp", K), f("exp", L)),)
        ),
    )
    y = f("sqrt", P)
    right = ex.add(mm(ex.diff(y), y), mm(y, ex.diff(y)))
    yield "Sylvester", Identity(dP, right, (two_of(mm(y, ex.diff(y))),), P)
    cubes = ex.power(K, ex.number(Fraction(3, 2)))
    right = ex.scale(ex.number(Fraction(3, 2)), T(root))
    yield "broken power", Identity(by(tr(cubes), K), right, (T(right),))
    top, bottom = (ex.eigenvector(S, which) for which in ("max", "min"))
    value = ex.eigenvalue(S, "max")
    wrong = (mm(bottom, T(bottom)),)
    yield "largest eigenvalue", Identity(by(value, S), mm(top, T(top)), wrong)
    yield "eigenvector", Identity(mm(S, top), ex.scale(value, top), (ex.scale(value, bottom),))
    yield "eigenvalues", Identity(ex.index_sum("i", "n", ex.eigenvalue(S, "i")), tr(S))
    second = ex.eigenvector(S, 2)
    right = mm(T(second), dS, second)
    yield "d of the second", Identity(ex.diff(ex.eigenvalue(S, 2)), right, (), S)
    below = ex.pseudo_inverse(ex.sub(ex.scale(value, ex.identity("n")), S))
    right = mm(below, dS, top)
    yield "d of an eigenvector", Identity(ex.diff(top), right, (mm(below, dS, bottom),), S)
    normal = mm(T(top), ex.diff(top))
    yield "eigenvectors keep their length", Identity(normal, ex.number(0), (ex.number(1),), S)
    left, right = (ex.singular_vector(X, side) for side in ("left", "right"))
    slope = mm(left, T(right))
    yield "spectral norm", Identity(by(ex.norm(X, "2"), X), slope, (ex.neg(slope),))
    yield "singular pair", Identity(mm(X, right), ex.scale(ex.norm(X, "2"), left))
    gram = mm(T(K), K)
    polar = mm(K, inv(f("sqrt", gram)))
    wrong = (mm(inv(f("sqrt", gram)), K),)
    yield "nuclear norm", Identity(by(ex.norm(K, "*"), K), polar, wrong)
    yield "nuclear norm by its root", Identity(ex.norm(K, "*"), tr(f("sqrt", gram)))
    largest = ex.norm(x, "inf")
    first = ex.function("abs", ex.entry(x, 1))
    yield "largest entry", Identity(mm(T(x), by(largest, x)), largest, (first,))


GROUPS = {
    "Jacobian": jacobians,
    "Hessian": hessians,
    "names": names,
    "structure": structured,
    "rational": rational,
    "spectral": spectral,
}
IDENTITIES = {f"{group}: {name}": i for group, make in GROUPS.items() for name, i in make()}
