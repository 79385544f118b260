"""Reports as metadata: what they show, how it is checked, put into a pivot, judged against a target and drawn.

Nothing here reads a database; `documents.reports` runs a report for a reader, `storage.grouping` asks for it in SQL.
"""
