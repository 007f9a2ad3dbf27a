"""What the shell offers behind an option whose values are words."""

from __future__ import annotations

from collections.abc import Callable


def option_values(option: str) -> Callable[[str], list[str]]:
    """Completes the values of an option of the calculus, such as ``style``."""

    def complete(incomplete: str) -> list[str]:
        from mdiff_pandoc.service.options import values_of

        return [value for value in values_of(option) if value and value.startswith(incomplete)]

    return complete


def error_codes(incomplete: str) -> list[tuple[str, str]]:
    """Completes the codes that ``mdiff explain`` knows, each with its summary."""
    from mdiff_pandoc.cli.explanations import EXPLANATIONS

    return [
        (code, explanation.summary)
        for code, explanation in EXPLANATIONS.items()
        if code.startswith(incomplete)
    ]
