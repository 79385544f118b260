"""Data Import: a file of people's rows becomes records, by the save path and nothing else.

`staging` reads the file once into plain rows (`sheet_reader` in a process of its own, `csv_text` for text); `columns` says what may be
filled in and proposes which column is which; `entries` makes records of rows; `checking` and `saving` go through them; `runs` keeps
imports for people and does their work in the background. What a cell means is the field type's business (`metadata.fieldtypes`).
"""
