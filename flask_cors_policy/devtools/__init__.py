"""Developer tools: the browser model, explanations, attacks, audits, the commands.

Serving code imports nothing from here. Nothing here imports ``testing``, which is built
on it.
"""
