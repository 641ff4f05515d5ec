"""The whole of keeping and forgetting, in every order that anybody can think of.

Hypothesis lets messages, resolutions, hooks, rotations, sweeps, restarts, lost connections and
backups follow each other as it likes, on the real program, and a plain model says after each step
what has to be there and what must not. `CARE_EXAMPLES=1000 pytest tests/machines` looks longer.
"""
