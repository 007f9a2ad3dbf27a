"""Tables of identities: what the cells beside an identity say holds in its row."""

from __future__ import annotations

import json
import subprocess

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.claims import check_formulas
from mdiff_pandoc.document.settings import Settings

WITH_CONDITION = r"""
| identity | where |
| --- | --- |
| $\nabla_x \, x^\top A x = 2 A x$ | $A$ is symmetric |
| $\nabla_x \, x^\top A x = 2 A x$ | |
"""
SYMBOLS = r"""
| symbol | shape |
| --- | --- |
| $A$ | $A$ is symmetric |

$$\nabla_x \, x^\top A x = 2 A x$$
"""


def verdicts(text: str) -> list[str]:
    raw = subprocess.run(
        [find_pandoc(), "-f", "markdown", "-t", "json"],
        input=text.encode(),
        check=True,
        capture_output=True,
    )
    found, _ = check_formulas(json.loads(raw.stdout), Settings())
    return [claim.verdict for item in found for claim in item.checked.claims]


def test_a_condition_holds_in_its_row_alone() -> None:
    assert verdicts(WITH_CONDITION) == ["verified", "refuted"]


def test_a_table_of_symbols_declares_them_for_what_follows() -> None:
    assert verdicts(SYMBOLS) == ["verified"]


@pytest.mark.parametrize("name", ["commutation matrix", "vec-permutation matrix"])
def test_a_commutation_matrix_that_a_text_names_is_the_one_that_is_known(name: str) -> None:
    text = rf"Let $X \in \mathbb{{R}}^{{n \times n}}$. Here $K_{{n,n}}$ is the {name}, "
    claim = r"$\operatorname{vec}(X^\top) = K_{n,n} \operatorname{vec}(X)$."
    assert verdicts(text + claim) == ["verified"]
