"""Who asks, and what they may do: users, passwords, sessions, API keys, permissions.

Users and roles are records like others (DocTypes User and Has Role); their secrets are rows of system tables that no list,
form or export ever reads. Nothing here knows Flask.
"""
