"""Facts that formulas and sentences state, and the scopes they hold in."""

import json
import time

import panflute as pf
import pytest

from mdiff_pandoc.document.facts import ANEW, formula_facts
from mdiff_pandoc.document.prose import facts_of, read_prose
from mdiff_pandoc.document.report import Report
from mdiff_pandoc.document.respond import Responder, Surroundings
from mdiff_pandoc.document.scope import Scope
from mdiff_pandoc.document.settings import Settings


def inlines(text: str) -> list[pf.Element]:
    """Words and ``$…$`` formulas as inlines."""
    made: list[pf.Element] = []
    for position, part in enumerate(text.split("$")):
        if position % 2:
            made.append(pf.Math(part, format="InlineMath"))
            continue
        for word in part.split(" "):
            made += [pf.Str(word), pf.Space()] if word else [pf.Space()]
        made.pop()
    return made


def said_anew(text: str) -> list[str]:
    return [fact for _, fact in facts_of(read_prose(inlines(text)))]


def said(text: str) -> list[str]:
    return [fact for fact in said_anew(text) if not fact.endswith(f" {ANEW}")]


REAL = r"\in \mathbb{R}"


@pytest.mark.parametrize(
    ("latex", "facts"),
    [
        (r"A \in \mathbb{R}^{m \times n}", [rf"A {REAL}^{{m \times n}}"]),
        (
            r"A, B \in \mathbb R^{n\times n}.",
            [rf"A {REAL}^{{n\times n}}", rf"B {REAL}^{{n\times n}}"],
        ),
        (r"x \in \mathbb{R}^n, \quad t \in \mathbb{R}", [rf"x {REAL}^{{n}}", rf"t {REAL}"]),
        (r"x \in \mathbb{R}_{++}^{n}", [rf"x {REAL}^{{n}}", "x positive"]),
        (r"S \in \mathbb{S}^n_{++}", [rf"S {REAL}^{{n \times n}}", "S positive definite"]),
        (r"\Sigma \succ 0", [r"\Sigma positive definite"]),
        (r"\lambda > 0", [r"\lambda positive"]),
        (r"A = A^\top", ["A symmetric"]),
        (r"Q^\top Q = I", ["Q orthonormal columns"]),
        (r"r = Xw - y", ["r = Xw - y"]),
        (r"f = \operatorname{tr}(AX) = \operatorname{tr}(XA)", [r"f = \operatorname{tr}(AX)"]),
        (
            r"\begin{aligned} r &= Xw - y \\ f &= \|r\|^2 \end{aligned}",
            ["r  = Xw - y", r"f  = \|r\|^2"],
        ),
        (r"f = x^T x \ . \tag{1}", ["f = x^T x"]),
        (r"\nabla_X f = A^\top", []),
        (r"\operatorname{tr}(AB) = \operatorname{tr}(BA)", []),
        (r"J = \nabla_A f(A)", []),
        (r"x + y", []),
    ],
)
def test_a_formula_states_facts(latex: str, facts: list[str]) -> None:
    assert list(formula_facts(latex)) == facts


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        ("Let $A$ be a symmetric matrix.", ["A matrix", "A symmetric"]),
        ("Let $J$ be the matrix of ones.", ["J matrix", "J ones"]),
        ("Here $e$ is the all-ones vector.", ["e vector", "e ones"]),
        ("Let $E$ be the identity matrix.", ["E matrix", "E identity"]),
        (
            r"$\Sigma$ is positive definite and $b$ is constant",
            [r"\Sigma positive definite", "b constant"],
        ),
        (
            r"a symmetric matrix $A \in \mathbb{R}^{n\times n}$",
            [rf"A {REAL}^{{n\times n}}", "A symmetric"],
        ),
        (r"A is an $m \times n$ matrix.", [rf"A {REAL}^{{m \times n}}"]),
        (r"an $n \times n$ matrix $A$", [rf"A {REAL}^{{n \times n}}"]),
        (r"an n by k matrix $A$", [rf"A {REAL}^{{n \times k}}"]),
        ("$x$ is a vector of length $n$", [rf"x {REAL}^{{n}}"]),
        (r"$x$ and $y$ are vectors in $\mathbb{R}^n$", [rf"x {REAL}^{{n}}", rf"y {REAL}^{{n}}"]),
        ("an $m$-dimensional vector $y$", [rf"y {REAL}^{{m}}"]),
        ("$w$ has length $d$", [rf"w {REAL}^{{d}}"]),
        ("Here $t$ is a scalar.", [rf"t {REAL}"]),
        ("$X$ has positive entries", ["X positive"]),
        ("with $S$ symmetric and $P$ positive definite,", ["S symmetric", "P positive definite"]),
        ("Let $A$ be some square, non-singular matrix.", ["A square", "A invertible"]),
        ("a skew-symmetric matrix $K$", ["K matrix", "K skew"]),
        (r"a matrix $X$ of size $n \times d$, targets $y$", [rf"X {REAL}^{{n \times d}}"]),
        ("Let C = AB, where", ["let C = AB"]),
        ("where $r = Xw - y$", ["let r = Xw - y"]),
    ],
)
def test_a_sentence_states_facts(sentence: str, facts: list[str]) -> None:
    scope = Scope()
    scope.add_all(said(sentence))
    assert sorted(scope.facts()) == sorted(facts)


@pytest.mark.parametrize(
    "sentence",
    [
        "If $A$ is symmetric, both terms coincide.",
        "$B$ is not symmetric.",
        "$C$ need not be symmetric.",
        "the derivative of a function w.r.t. its arguments",
        "When $A$ happens to be diagonal, less is left.",
        "$f$ is the inverse of the symmetric one",
    ],
)
def test_what_is_not_asserted_is_no_fact(sentence: str) -> None:
    assert [fact for fact in said(sentence) if " unread " not in fact] == []


def test_a_later_shape_replaces_an_earlier_one_with_its_properties() -> None:
    scope = Scope()
    scope.add_all([rf"A {REAL}^{{n \times n}}", "A symmetric", rf"A {REAL}^{{m \times n}}"])
    assert scope.facts() == (rf"A {REAL}^{{m \times n}}",)


def test_a_new_shape_ends_the_shapes_that_were_declared_along_with_the_old_one() -> None:
    scope = Scope()
    scope.add_all([rf"A {REAL}^{{n \times m}}", rf"B {REAL}^{{m \times n}}"])
    scope.add_all([rf"c {REAL}^{{m}}", "B symmetric"])
    scope.add_all([rf"A {REAL}^{{m \times n}}"])
    assert scope.facts() == (rf"c {REAL}^{{m}}", "B symmetric", rf"A {REAL}^{{m \times n}}")


def test_a_matrix_declared_square_is_no_longer_rectangular() -> None:
    scope = Scope()
    scope.add_all([rf"A {REAL}^{{m \times n}}", rf"B {REAL}^{{n \times n}}"])
    scope.add_all(["B square"])
    assert len(scope.facts()) == 2
    scope.add_all(["A square"])
    assert scope.facts() == ("A square",)


def test_a_kind_does_not_undo_a_shape() -> None:
    scope = Scope()
    scope.add_all([rf"x {REAL}^{{n}}", "x vector"])
    assert scope.facts() == (rf"x {REAL}^{{n}}",)
    scope.add_all(["x matrix"])
    assert scope.facts() == ("x matrix",)


def test_a_section_forgets_the_section_before_but_not_the_preamble() -> None:
    scope = Scope()
    scope.add_all(["a symmetric"])
    scope.open_section()
    scope.add_all(["b symmetric"])
    scope.open_section()
    assert scope.facts() == ("a symmetric",)


def test_a_child_scope_keeps_its_facts_to_itself() -> None:
    scope = Scope()
    scope.add_all(["a symmetric"])
    scope.child().add_all(["b symmetric"])
    assert scope.facts() == ("a symmetric",)


def test_a_quiz_states_no_facts() -> None:
    quiz = pf.Span(pf.Math(r"A \in \mathbb{R}^{n \times n}"), classes=["mdiff-skip"])
    assert facts_of(read_prose([quiz])) == []


def test_prose_of_any_length_is_read() -> None:
    document = pf.Doc(pf.Para(*inlines("Let $A$ be symmetric. " * 2000)))
    text = json.loads(json.dumps(document.to_json()), object_hook=pf.elements.from_json)
    facts = facts_of(read_prose(text.content[0].content))
    assert facts[0][1] == "A symmetric"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 300_000,
        "a b " * 60_000,
        "x, " * 60_000,
        "symmetric and " * 20_000,
        "$A$ is " * 6_000,
        "$A$ and " * 6_000,
        "$" + " " * 300_000 + "x$",
        "$" + r"A = \quad " * 30_000 + "$",
        "$" + "(" * 10_000 + "$",
    ],
    ids=range(9),
)
def test_reading_takes_linear_time(text: str) -> None:
    start = time.process_time()
    said(text)
    assert time.process_time() - start < 10


D = r"\in \mathbb{R}^{d \times d}"


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (rf"Let $x {REAL}^d$, and $W {D}$ is orthogonal.", ["W orthogonal"]),
        (rf"Throughout, $A {D}$, and $S {D}$ is symmetric.", ["S symmetric"]),
        (rf"Let $A {D}$, $S {D}$ symmetric.", ["S symmetric"]),
        (rf"Let $A {D}, S {D}$ symmetric.", ["S symmetric"]),
        (rf"Let $x {REAL}^n$, $A$ symmetric.", ["A symmetric"]),
        (
            rf"$x, \mu {REAL}^d$, and $S {D}$ is symmetric and positive definite.",
            ["S symmetric", "S positive definite"],
        ),
        (rf"Let $x {REAL}^d$ and $W {D}$ be orthogonal.", ["W orthogonal"]),
        (rf"$x {REAL}^d$, and $A, B {D}$ are symmetric.", ["A symmetric", "B symmetric"]),
        (rf"a symmetric matrix $A$ and $B {D}$", ["A matrix", "A symmetric"]),
        ("a vector $x$ and $y$", ["x vector"]),
        (rf"$A, B {D}$ are symmetric.", ["A symmetric", "B symmetric"]),
        (rf"$A {D}$ and $B {D}$ are symmetric.", ["A symmetric", "B symmetric"]),
        ("Let $A$ and $B$ be symmetric.", ["A symmetric", "B symmetric"]),
        ("with $A$ and $B$ symmetric", ["A symmetric", "B symmetric"]),
        ("Let $x$ be given, a symmetric matrix $A$ too", ["A matrix", "A symmetric"]),
    ],
)
def test_words_speak_of_the_symbols_that_their_number_allows(
    sentence: str, words: list[str]
) -> None:
    assert sorted(fact for fact in said(sentence) if r"\in" not in fact) == sorted(words)


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        (r"Let $u$ be a unit vector in $\mathbb{R}^n$.", [rf"u {REAL}^{{n}}", "u unit"]),
        (rf"Let $u {REAL}^n$ be a unit vector.", [rf"u {REAL}^{{n}}", "u unit"]),
        (r"with $\|u\| = 1$", ["u unit"]),
        (r"where $u^\top u = 1$", ["u unit"]),
        (
            r"Let $S$ be the sample covariance, a symmetric $d\times d$ matrix",
            [rf"S {REAL}^{{d \times d}}", "S symmetric"],
        ),
        (
            "Let $x$ be a vector and $A$ a symmetric matrix.",
            ["x vector", "A matrix", "A symmetric"],
        ),
        (
            "$U$ and $V$ have orthonormal columns",
            ["U orthonormal columns", "V orthonormal columns"],
        ),
        ("a matrix $W$ with orthonormal columns", ["W matrix", "W orthonormal columns"]),
    ],
)
def test_unit_vectors_appositions_and_columns_are_read(sentence: str, facts: list[str]) -> None:
    assert sorted(said(sentence)) == sorted(facts)


@pytest.mark.parametrize(
    "sentence",
    [
        r"At a stationary point $Ax = \lambda x$, that is $\lambda = \frac{x^\top A x}{x^\top x}$.",
        r"Setting the gradient to zero gives $w = (X^\top X)^{-1} X^\top y$.",
        r"We set the gradient to zero. This gives $w = (X^\top X)^{-1} X^\top y$.",
        r"The update is $w = w - \eta g$.",
        r"Let $w = w - \eta g$.",
        "If $x = 0$, this vanishes.",
        r"If $A = A^\top$, both agree.",
        r"For $\lambda = 0$ we recover the plain problem.",
    ],
)
def test_conditions_solutions_and_updates_define_nothing(sentence: str) -> None:
    assert said(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        (r"We minimize the loss $L = \|Xw - y\|^2$", [r"L = \|Xw - y\|^2"]),
        (r"The minimizer of $L = \|Xw - y\|^2$ is known", [r"L = \|Xw - y\|^2"]),
        ("If $f(x) = x^T x$, then", ["f(x) = x^T x"]),
        (r"$f = x^T x$ subject to $\|x\| = 1$", ["f = x^T x"]),
        (r"Let $A = A^\top \in \mathbb{R}^{n}$", ["A symmetric", rf"A {REAL}^{{n}}"]),
        (r"$z = Wx \in \mathbb{R}^k$", ["let z = Wx", rf"z {REAL}^{{k}}"]),
        (r"given $G = \frac{\partial L}{\partial Y}$", [r"\frac{\partial L}{\partial Y}"]),
        (r"$\frac{\partial L}{\partial Y} \in \mathbb{R}^{n}$", [r"\frac{\partial L}{\partial Y}"]),
        (r"with $\bar Y = \nabla_Y L$", [r"\frac{\partial L}{\partial Y}"]),
        ("where $L = L(Y)$", ["let L = L(Y)"]),
    ],
)
def test_objectives_and_known_gradients_are_facts(sentence: str, facts: list[str]) -> None:
    assert said(sentence) == facts


def test_a_bad_line_of_a_code_block_leaves_the_answers_of_the_others() -> None:
    lines = [
        "x: n",
        "A: who knows",
        r"\nabla_x x^\top A x",
        r"\nabla_x (x + 1)^",
        r"\nabla_x x^\top x",
    ]
    report = Report()
    block = pf.CodeBlock("\n".join(lines), classes=["mdiff"])
    made = Responder("html", report).program(block, Surroundings(Settings(), (), ()))
    failed = [part for part in made if "mdiff-error" in part.classes]
    assert [part.content[0].text for part in failed] == [lines[1], lines[3]]
    assert (report.answered, report.failed, len(made)) == (2, 2, 4)


def test_a_font_round_several_letters_hides_no_letter_of_its_own() -> None:
    assert list(formula_facts(r"f = tr\left[\mathbf{AXB}\right] \ . \tag{6}")) == [
        r"f = tr\left[\mathbf{AXB}\right]"
    ]
    assert list(formula_facts(r"\mathbf{A} = \mathbf{AX}")) == []


def test_a_sentence_about_a_product_ends_the_shapes_of_its_symbols() -> None:
    scope = Scope()
    scope.add_all([])  # the metadata
    scope.add_all([rf"A {REAL}^{{n \times m}}", rf"D {REAL}^{{n \times n}}", "let B = D"])
    scope.add_all(
        said(r"Let $ABA^\top C$ be a square matrix and let $C \in \mathbb{R}^{n \times 2}$.")
    )
    assert scope.facts() == (
        rf"D {REAL}^{{n \times n}}",
        "let B = D",
        rf"C {REAL}^{{n \times 2}}",
    )
    assert said(r"Let $A + B$ be a square matrix.") == []


def test_a_primed_letter_that_a_sentence_describes_is_a_name() -> None:
    assert said(r"where $A'$ is the matrix whose $(i,j)$ element is a minor.") == ["A' described"]
    assert said(r"where $A'$ is the transpose of the matrix above.") == []
    assert said(r"where $A'$ denotes the transposed matrix.") == []


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("where X = f(A) = AB and Y = A.", ["let X = AB", "let f(A) = AB", "let Y = A"]),
        ("a differentiable function, C = AB, f(C) = y.", ["C = AB", "f(C) = y"]),
        ("Take the vector b. Then c = Ab and d = aB.", ["c = Ab", "d = aB"]),
        ("Take the first row of A = a and the second column of B=b.", ["a = A_{1:}", "b = B_{:2}"]),
        ("Let z = Wx + b and L = AB - C.", ["let z = Wx + b", "let L = AB - C"]),
        ("It is y = Wx * 3, and 2 + x = AB.", []),
        ("The transpose of A = B is known.", []),
        ("It is 1 if i = p, and 0 when A = B.", []),
        ("A simple example: N=D=M=2.", ["sizes N = D = M = 2"]),
        ("It has n = 2 rows.", []),
    ],
)
def test_facts_in_plain_letters(text: str, facts: list[str]) -> None:
    assert [fact for fact in said(text) if "=" in fact] == facts


def test_sizes_are_put_into_the_shapes_in_force() -> None:
    scope = Scope()
    scope.add_all([rf"A {REAL}^{{N \times D}}", r"f : \mathbb{R}^{N \times M} \to \mathbb{R}"])
    scope.add_all(["sizes N = D = 2"])
    assert scope.facts() == (
        rf"A {REAL}^{{2 \times 2}}",
        r"f : \mathbb{R}^{2 \times M} \to \mathbb{R}",
    )


def test_an_explicit_matrix_names_the_entries_of_a_matrix_that_has_a_definition() -> None:
    scope = Scope()
    scope.add_all(["C = AB", r"C = \begin{bmatrix} c_0 & c_1 \\ c_2 & c_3 \end{bmatrix}"])
    assert scope.facts() == (
        "C = AB",
        "let c_0 = (AB)_{11}",
        "let c_1 = (AB)_{12}",
        "let c_2 = (AB)_{21}",
        "let c_3 = (AB)_{22}",
    )


def test_a_symbol_that_is_introduced_again_has_none_of_its_old_properties() -> None:
    square = rf"A {REAL}^{{n \times n}}"
    for told, kept in (
        (rf"Let ${square}$ and $B {REAL}^n$.", False),
        (rf"Here ${square}$ still.", True),
    ):
        scope = Scope()
        scope.add_all(["S symmetric"])  # the metadata
        scope.add_all(said_anew(rf"Let ${square}$ be symmetric."))
        scope.add_all(said_anew(told))
        assert ("A symmetric" in scope.facts()) == kept
        scope.add_all(said_anew(rf"Let $S {REAL}^{{n \times n}}$."))
        assert "S symmetric" in scope.facts()
