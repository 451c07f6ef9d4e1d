"""Runs every test of the project and counts them; see tests/run --help."""
