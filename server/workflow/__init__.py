"""Workflows: the states of a record, the actions that lead from one to the next, and the steps of approval asked on the way.

Frappe's Workflow JSON is the format; `steps` of a state is ours. What is running stands in `documents.flow`; approvals are
obligations. Nothing here reads a database.
"""
