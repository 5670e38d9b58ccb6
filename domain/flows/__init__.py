"""Flows: what follows when a record is submitted or changed, step by step, and who decides. Pure.

`definition` is what sales operations write, `state` what is kept of a running one, `engine` how it moves on.
"""
