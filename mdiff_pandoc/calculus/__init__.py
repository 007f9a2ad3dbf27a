"""The engine that applies the tables and records derivations."""
