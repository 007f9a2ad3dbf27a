"""What a start of the filter leaves out is there when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> str:
    program = f"from mdiff_pandoc.startup import start_fast\nstart_fast()\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_panflute_has_its_elements_without_yaml() -> None:
    code = (
        "import sys, panflute as pf; pf.elements.from_json; print(pf.Math, 'yaml' in sys.modules)"
    )
    assert run(code) == "<class 'panflute.elements.Math'> False"


def test_the_rest_of_panflute_is_the_same_one() -> None:
    code = (
        "import panflute as pf; old = pf.Math; text = pf.stringify(pf.Para(pf.Str('a')));"
        "from panflute import *; print(text.strip(), Math is old, run_filter.__module__)"
    )
    assert run(code) == "a True panflute.io"


@pytest.mark.parametrize("first", ["nmod_mat", "fmpq_mat", "nmod", "fmpq", "arb", "ctx"])
def test_flint_has_all_its_types_after_any_of_them(first: str) -> None:
    code = (
        f"import sys; from flint import {first}; early = 'flint.types.acb_mat' in sys.modules;"
        "from flint import acb_mat, arb, arb_mat, ctx, fmpq, fmpq_mat, nmod, nmod_mat;"
        "ctx.prec = 100; root = arb(2).sqrt().rel_accuracy_bits() > 90;"
        "print(early, nmod_mat(1, 1, [7], 5), fmpq_mat(1, 1, [fmpq(1, 2)]), root)"
    )
    assert run(code) == f"{first in ('arb', 'ctx')} [2] [1/2] True"


def test_unknown_names_are_errors_still() -> None:
    code = (
        "import panflute\n"
        "try:\n    panflute.nothing\n"
        "except AttributeError as error:\n    print('panflute' in str(error))"
    )
    assert run(code) == "True"


def test_reading_a_formula_leaves_unittest_as_it_was() -> None:
    code = (
        "import sys; from mdiff_pandoc.latex.visit import parse; parse('x');"
        "print('unittest' in sys.modules); import unittest; print(unittest.main is not None)"
    )
    assert run(code).split() == ["False", "True"]
