"""The two paths of every record: `DocumentService` for each change, `QueryService` for each read.

Forms, REST, import, rules, jobs and the admin UI all come through here, so every guarantee is made once.
"""
