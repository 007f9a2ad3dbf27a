"""How the command ends when it is asked for what it cannot do."""

from __future__ import annotations

from typing import NoReturn

import typer


def misuse(message: str) -> NoReturn:
    """Say what is wrong on stderr and exit with code 2."""
    typer.echo(f"mdiff: {message}", err=True)
    raise typer.Exit(2)
