"""Derivations in the source of a document itself, between comments that keep what was asked."""
