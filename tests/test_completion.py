"""The shells complete the command ``mdiff``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mdiff_pandoc.cli.explanations import EXPLANATIONS
from mdiff_pandoc.service.options import CALCULUS_OPTIONS, values_of

ROOT = Path(__file__).parent.parent
COMMANDS = ("derive", "check", "weave", "build", "rules", "explain")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A home of its own, and the command on the PATH."""
    home = tmp_path_factory.mktemp("home")
    script = home / "bin" / "mdiff"
    script.parent.mkdir()
    code = "from mdiff_pandoc.cli import main; main()"
    script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}' \"$@\"\n")
    script.chmod(0o755)
    found = os.pathsep.join([str(script.parent), os.environ["PATH"]])
    return {**os.environ, "HOME": str(home), "PATH": found, "PYTHONPATH": str(ROOT)}


def run(environment: dict[str, str], *command: str, **extra: str) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**environment, **extra},
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def bash(environment: dict[str, str], *words: str) -> list[str]:
    """What bash offers for the last of the words."""
    given = " ".join(f"'{word}'" for word in words)
    script = (
        f'eval "$(mdiff --show-completion bash)"; COMP_WORDS=({given}); '
        f"COMP_CWORD={len(words) - 1}; "
        '_mdiff_completion mdiff; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    extra = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    return run(environment, "bash", "-c", script, **extra).split()


needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")


@needs_bash
def test_bash_completes_commands_options_and_codes(environment: dict[str, str]) -> None:
    assert set(COMMANDS) <= set(bash(environment, "mdiff", ""))
    assert bash(environment, "mdiff", "der") == ["derive"]
    assert "--style" in bash(environment, "mdiff", "derive", "--s")
    shapes = [code for code in EXPLANATIONS if code.startswith("shape")]
    assert shapes
    assert bash(environment, "mdiff", "explain", "shape") == shapes


@needs_bash
def test_bash_completes_the_values_of_every_option_of_the_calculus(
    environment: dict[str, str],
) -> None:
    for option in sorted(CALCULUS_OPTIONS):
        offered = bash(environment, "mdiff", "derive", f"--{option}", "")
        assert offered == [value for value in values_of(option) if value], option
    for option in ("layout", "symmetric", "functions"):
        assert bash(environment, "mdiff", "check", f"--{option}", values_of(option)[1]) == [
            values_of(option)[1]
        ]


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_completes_commands(environment: dict[str, str]) -> None:
    script = 'mdiff --show-completion fish | source; complete -C "mdiff ex"'
    extra = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    assert run(environment, "fish", "-c", script, **extra).startswith("explain\t")


@pytest.mark.parametrize("shell", ["zsh", "powershell"])
def test_the_other_shells_are_told_the_commands(environment: dict[str, str], shell: str) -> None:
    offered = run(
        environment,
        "mdiff",
        _MDIFF_COMPLETE=f"complete_{shell}",
        _TYPER_COMPLETE_ARGS="mdiff ",
        _TYPER_COMPLETE_WORD_TO_COMPLETE="",
    )
    for command in COMMANDS:
        assert command in offered


@needs_bash
def test_installing_for_bash_leaves_a_line_in_its_start_file(environment: dict[str, str]) -> None:
    extra = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    said = run(environment, "mdiff", "--install-completion", "bash", **extra)
    assert "installed" in said
    home = Path(environment["HOME"])
    assert str(home / ".bash_completions" / "mdiff.sh") in (home / ".bashrc").read_text()


def test_completing_imports_nothing_heavy(environment: dict[str, str]) -> None:
    code = (
        "import sys; sys.argv = ['mdiff']\n"
        "from mdiff_pandoc.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*{'sympy', 'antlr4', 'panflute', 'flint'} & set(sys.modules))"
    )
    told = run(
        environment,
        sys.executable,
        "-c",
        code,
        _MDIFF_COMPLETE="complete_bash",
        COMP_WORDS="mdiff derive --style d",
        COMP_CWORD="3",
    )
    assert told.split() == ["differential", "definition"]
