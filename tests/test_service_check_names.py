"""Names of several letters, decorated names and calls that are names, in a checked text."""

import pytest

from mdiff_pandoc.service.check import check


def verdicts(latex: str, *context: str) -> list[str]:
    """The verdicts of a formula after some facts of the document."""
    return [claim.verdict for claim in check(latex, (), context).claims]


@pytest.mark.parametrize("name", [r"\mathrm{RSS}", r"\operatorname{Loss}", r"\text{MSE}"])
def test_words_are_defined_functions(name: str) -> None:
    definition = rf"{name}(\beta) = \|y - X\beta\|^2"
    [claim] = check(definition).claims
    assert claim.verdict == "definition"
    facts = check(definition).facts
    assert verdicts(rf"\nabla {name}(\beta) = -2X^\top(y - X\beta)", *facts) == ["verified"]
    assert verdicts(rf"\nabla {name}(\beta) = -X^\top(y - X\beta)", *facts) == ["refuted"]
    assert verdicts(
        rf"\frac{{\partial {name}}}{{\partial\beta}} = 2X^\top(X\beta - y)", *facts
    ) == ["verified"]


@pytest.mark.parametrize("operator", [r"\mathrm{Var}", r"\operatorname{Cov}"])
def test_operators_of_statistics_are_no_functions_of_a_variable(operator: str) -> None:
    assert verdicts(rf"{operator}(\epsilon) = \sigma^2 I") == ["undecided"]
    assert verdicts(rf"{operator}(Ax) = \sigma^2 I", rf"let {operator}(x) = S") == ["undecided"]


# --- arguments ---

LIKELIHOOD = (
    r"\ell(\mu, \sigma^2) = -\frac{n}{2}\log(2\pi\sigma^2) - \frac{1}{2\sigma^2}"
    r"\sum_{i=1}^n (x_i-\mu)^2"
)


def test_a_square_may_be_an_argument_and_differentiated_by() -> None:
    [claim] = check(LIKELIHOOD).claims
    assert claim.verdict == "definition"
    fact = f"let {LIKELIHOOD}"
    by_mean = r"\frac{\partial\ell}{\partial\mu} = \frac{1}{\sigma^2}\sum_{i=1}^n (x_i-\mu)"
    by_deviation = (
        r"\frac{\partial\ell}{\partial\sigma} = -\frac{n}{\sigma} + \frac{1}{\sigma^3}"
        r"\sum_{i=1}^n (x_i-\mu)^2"
    )
    by_variance = (
        r"\frac{\partial\ell}{\partial\sigma^2} = -\frac{n}{2\sigma^2} + \frac{1}{2\sigma^4}"
        r"\sum_{i=1}^n (x_i-\mu)^2"
    )
    for claimed in (by_mean, by_deviation, by_variance):
        assert verdicts(claimed, fact) == ["verified"]
    assert verdicts(by_variance.replace(r"2\sigma^4", r"\sigma^4"), fact) == ["refuted"]
    assert verdicts(r"\ell(\mu, v) = \ell(\mu, \sqrt{v}^2)", fact, r"v > 0") == ["verified"]


def test_a_sigma_without_arguments_that_is_squared_is_a_number() -> None:
    assert verdicts(r"\frac{a + b}{\sigma^2} = \frac{2(a + b)}{\sigma^2}") == ["refuted"]
    called = r"let h(z) = \sigma(z)"
    assert verdicts(r"\frac{a + b}{\sigma^2} = \frac{2(a + b)}{\sigma^2}", called) == ["undecided"]


@pytest.mark.parametrize("name", [r"D_{\mathrm{KL}}", r"\mathrm{KL}", "K"])
@pytest.mark.parametrize("bars", [r"\|", r"\,\|\,", r" \,\Vert\, ", "‖"])
def test_bars_between_arguments_separate_them(name: str, bars: str) -> None:
    vectors = (r"p \in \mathbb{R}^n", r"q \in \mathbb{R}^n")
    divergence = rf"{name}(p {bars} q)"
    [fact] = check(rf"{divergence} = \sum_i p_i \log\frac{{p_i}}{{q_i}}", (), vectors).facts
    gradient = rf"\frac{{\partial}}{{\partial q_i}} {divergence} = -\frac{{p_i}}{{q_i}}"
    assert verdicts(gradient, *vectors, fact) == ["verified"]
    assert verdicts(gradient.replace("= -", "= "), *vectors, fact) == ["refuted"]


def test_a_conditional_density_is_no_function_of_the_pair() -> None:
    bayes = r"p(x \mid y) = \frac{p(y \mid x) p(x)}{p(y)}"
    facts = check(r"p(x \mid y) = \frac{p(x, y)}{p(y)}").facts
    assert verdicts(r"p(x, y) = p(y) p(x)", *facts) != ["refuted"]
    assert verdicts(bayes, r"let p(x) = \exp(-x^2)") != ["refuted"]


def test_a_phantom_is_an_empty_side() -> None:
    first = r"\nabla_x x^\top S x = (S + S^\top) x \\ \phantom{\nabla_x x^{\top}} = "
    assert verdicts(first + "2 S x", "S symmetric") == ["verified", "verified"]
    assert verdicts(first + "3 S x", "S symmetric") == ["verified", "refuted"]


# --- names that are read letter by letter elsewhere ---


def test_capitals_before_a_bracket_are_the_name_of_a_function() -> None:
    definition = r"MSE(\beta) = \frac{1}{n}\|y - X\beta\|^2"
    [fact] = check(definition).facts
    for derivative in (r"\nabla MSE(\beta)", r"\frac{\partial MSE}{\partial\beta}"):
        assert verdicts(rf"{derivative} = \frac{{2}}{{n}} X^\top(X\beta - y)", fact) == ["verified"]
        assert verdicts(rf"{derivative} = \frac{{1}}{{n}} X^\top(X\beta - y)", fact) == ["refuted"]


def test_capitals_that_are_declared_are_factors() -> None:
    shapes = tuple(rf"{letter} \in \mathbb{{R}}^{{n \times n}}" for letter in "ABC")
    assert verdicts(r"ABC(x) = ACB(x)", *shapes, r"x \in \mathbb{R}^n") == ["refuted"]


def test_a_plus_before_a_bracket_belongs_to_the_name_of_a_function() -> None:
    facts = [
        r"P \in \mathbb{R}^{n \times n}",
        r"K \in \mathbb{R}^{n \times m}",
        r"H \in \mathbb{R}^{m \times n}",
        r"R \in \mathbb{R}^{m \times m}",
        "P symmetric",
        "R symmetric",
    ]
    joseph = r"P^+(K) = (I - KH) P (I - KH)^\top + K R K^\top"
    found = check(joseph, (), facts)
    assert [claim.verdict for claim in found.claims] == ["definition"]
    facts += found.facts
    by_gain = r"\frac{\partial \operatorname{tr} P^+(K)}{\partial K} = 2K(HPH^\top + R) - 2PH^\top"
    assert verdicts(by_gain, *facts) == ["verified"]
    assert verdicts(by_gain.replace("2PH", "PH"), *facts) == ["refuted"]


def test_a_pseudo_inverse_before_a_bracket_stays_one() -> None:
    shapes = (r"A \in \mathbb{R}^{m \times n}", r"b \in \mathbb{R}^m")
    assert verdicts(r"A A^+ (A) = A", *shapes) == ["verified"]
    assert verdicts(r"A^+ (b) = c", *shapes) == ["undecided"]


def test_the_square_of_a_function_may_be_defined() -> None:
    facts = [r"x \in \mathbb{R}^n", r"\Sigma \in \mathbb{R}^{n \times n}", r"\Sigma \succ 0"]
    facts += check(r"d^2(x, \mu) = (x - \mu)^\top \Sigma^{-1} (x - \mu)").facts
    assert verdicts(r"\nabla_x d^2 = 2 \Sigma^{-1} (x - \mu)", *facts) == ["verified"]
    assert verdicts(r"\nabla_x d^2 = \Sigma^{-1} (x - \mu)", *facts) == ["refuted"]
    expanded = r"x^\top \Sigma^{-1} x - 2 \mu^\top \Sigma^{-1} x + \mu^\top \Sigma^{-1} \mu"
    assert verdicts(rf"d^2(x, \mu) = {expanded}", *facts) == ["verified"]


# --- functions with and without their arguments ---


def test_a_function_that_is_defined_at_its_argument_may_stand_without_it() -> None:
    facts = (r"let f(x) = \frac{1}{2}\|Ax - b\|^2", "let r = Ax - b")
    assert verdicts(r"f = \frac{1}{2} r^\top r", *facts) == ["verified"]
    assert verdicts(r"f = r^\top r", *facts) == ["refuted"]


def test_a_function_whose_definition_hides_its_argument_is_not_known_at_another() -> None:
    facts = (r"let f(x) = \frac{1}{2} r^\top r", "let r = Ax - b")
    assert verdicts(r"f(x) = \frac{1}{2} \|Ax - b\|^2", *facts) == ["verified"]
    assert verdicts(r"f(z) = \frac{1}{2} \|Az - b\|^2", *facts) != ["refuted"]


def test_a_gradient_of_an_expression_in_functions_is_by_their_argument() -> None:
    facts = (r"let f(x) = a^\top x", r"let g(x) = x^\top x")
    assert verdicts(r"\nabla (f^2) = 2 f a", *facts) == ["verified"]
    assert verdicts(r"\nabla (f^2) = f a", *facts) == ["refuted"]
    assert verdicts(r"\nabla \exp(f) = \exp(f) a", *facts) == ["verified"]
    assert verdicts(r"\nabla (f g) = f \nabla g + g \nabla f", *facts) == ["verified"]
    assert verdicts(r"\nabla (f(z)^2) = 2 f(z) a", *facts) == ["undecided"]


@pytest.mark.parametrize(
    "bars",
    [
        r"\left.\frac{d}{dt} f(x + t v)\right|_{t=0}",
        r"\frac{d}{dt} f(x + t v)|_{t=0}",
        r"\frac{d}{dt} f(x + t v)\Big\vert_{t = 0}",
    ],
)
def test_a_value_at_a_point_is_undecided_and_named(bars: str) -> None:
    [claim] = check(rf"{bars} = a^\top v", (), (r"let f(x) = a^\top x",)).claims
    assert claim.verdict == "undecided"
    assert "the value at a point" in claim.reason


def test_a_definition_may_speak_of_one_that_comes_after_it() -> None:
    facts = (r"\boldsymbol{x} = \boldsymbol{A}^{-1} b", r"A = U \Sigma V^T")
    gradient = r"\nabla_x \left( x^T A x + b^T x \right)"
    assert verdicts(rf"{gradient} = A x + A^T x + b", *facts) == ["verified"]
    assert verdicts(rf"{gradient} = 2 A x + b", *facts) == ["refuted"]
