# SPDX-License-Identifier: Apache-2.0
"""Runs every test of the project and counts them; see tests/run --help."""
