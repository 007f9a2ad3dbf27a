"""What a section declares ends with it; a request that lacks it says so."""

from __future__ import annotations

import subprocess

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import Converted, convert

SETUP = r"""
# Setup

Let $A \in \mathbb{R}^{m \times n}$, $x \in \mathbb{R}^n$ and $f(x) = \|A x\|^2$.
Let $z \in \mathbb{R}^k$.

# Gradients

"""
ENDED = "and that ended with it"


def converted(text: str) -> Converted:
    command = [find_pandoc(), "--to", "json"]
    raw = subprocess.run(command, input=text.encode(), check=True, capture_output=True).stdout
    return convert(raw, "html", file="notes.md")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"$\nabla_x f(x) = ?$", r"an earlier section says $f(x) = \|A x\|^2$,"),
        (r"$\nabla_x \operatorname{tr}(A^\top A) = ?$", r"says $x \in \mathbb{R}^{n}$"),
        ("::: mdiff-scope\n$$\\nabla_x f(x) = ?$$\n:::", r"says $f(x) = \|A x\|^2$,"),
        ("``` mdiff\n\\nabla_x f(x)\n```", r"says $f(x) = \|A x\|^2$,"),
        (r"$\nabla_u f(x) = ?$", ""),  # what was said would not help
        (r"$\nabla_x (f(x) = ?$", ""),
    ],
)
def test_a_request_that_lacks_what_an_earlier_section_said_hints_at_it(
    text: str, said: str
) -> None:
    [message] = converted(SETUP + text).messages
    hint = message.as_json()["hint"]
    assert isinstance(hint, str)
    assert (ENDED in hint, said in hint) == (bool(said), True)


def test_what_holds_everywhere_needs_no_hint() -> None:
    assert converted(SETUP.replace("# Setup", "") + r"$\nabla_x f(x) = ?$").messages == ()
