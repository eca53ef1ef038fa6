"""Figures of Omni as it is shipped, and of a Python bot of equal function in the same run. See docs/figures.md."""
