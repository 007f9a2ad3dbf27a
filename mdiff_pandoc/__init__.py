"""mdiff: verified matrix derivatives for documents."""

__version__ = "0.1.0"
