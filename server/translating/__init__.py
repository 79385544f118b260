"""Translations: every text that the program and a site's metadata hold, PO files, and the catalogues of further languages.

`program_texts` and `metadata_texts` find what there is to translate, `po` reads and writes PO, `catalogues` keeps translations in the
database, `service` is what the edges call. How a text finds its translation stands in `core.translations`.
"""
