# SPDX-License-Identifier: Apache-2.0
"""Runs the real programs in network namespaces, sends real packets, and leaves nothing behind."""
