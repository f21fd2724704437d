"""Parts of `bench_runtime.py`: the players, the published runtime beside them, the clock and the table.

Array letters: F frames, V vertices, A anchors, K components, I input values.
"""
