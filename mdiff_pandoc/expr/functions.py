"""The elementwise functions that mdiff knows: names, LaTeX, domains.

Their derivatives are rules (see ``rules``), their values belong to the verifier; here stands only
what the reader, the printer and the sampler share.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Domain(StrEnum):
    """Where a function is real and differentiable."""

    REAL = "real"
    POSITIVE = "positive"
    NONZERO = "nonzero"
    OPEN_UNIT = "open unit interval"
    ABOVE_ONE = "above one"


class Function(Struct, frozen=True):
    """An elementwise function: canonical ``name``, its usual ``latex`` head, NumPy source."""

    name: str
    latex: str
    numpy: str
    domain: Domain = Domain.REAL


FUNCTIONS: dict[str, Function] = {
    entry.name: entry
    for entry in (
        Function("log", r"\log", "np.log({})", Domain.POSITIVE),
        Function("exp", r"\exp", "np.exp({})"),
        Function("sqrt", r"\sqrt", "np.sqrt({})", Domain.POSITIVE),
        Function("abs", r"\lvert", "np.abs({})", Domain.NONZERO),
        Function("sign", r"\operatorname{sign}", "np.sign({})", Domain.NONZERO),
        Function("sin", r"\sin", "np.sin({})"),
        Function("cos", r"\cos", "np.cos({})"),
        Function("tan", r"\tan", "np.tan({})"),
        Function("arcsin", r"\arcsin", "np.arcsin({})", Domain.OPEN_UNIT),
        Function("arccos", r"\arccos", "np.arccos({})", Domain.OPEN_UNIT),
        Function("arctan", r"\arctan", "np.arctan({})"),
        Function("sinh", r"\sinh", "np.sinh({})"),
        Function("cosh", r"\cosh", "np.cosh({})"),
        Function("tanh", r"\tanh", "np.tanh({})"),
        Function("arsinh", r"\operatorname{arsinh}", "np.arcsinh({})"),
        Function("artanh", r"\operatorname{artanh}", "np.arctanh({})", Domain.OPEN_UNIT),
        Function("sigma", r"\sigma", "1 / (1 + np.exp(-({})))"),
        Function("softplus", r"\operatorname{softplus}", "np.logaddexp(0, {})"),
        Function("relu", r"\operatorname{relu}", "np.maximum(0, {})", Domain.NONZERO),
        Function("step", r"\operatorname{step}", "np.heaviside({}, 0.5)", Domain.NONZERO),
    )
}
