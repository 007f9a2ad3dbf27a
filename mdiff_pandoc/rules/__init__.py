"""The tables of the calculus, as data."""
