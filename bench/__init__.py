"""Measures Omni's release build, and a Python bot with the same functions in the same run. See docs/figures.md."""
