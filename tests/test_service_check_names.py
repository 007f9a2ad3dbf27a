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
