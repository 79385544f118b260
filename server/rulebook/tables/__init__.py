"""Decision tables: rows of cells that decide, as one consequence (`table`) of a rule.

`model` says what a table is, `read` its JSON, `cells` the S-FEEL of its cells, `hits` the hit policies, `compile` how it
decides and explains, `check` and `analyse` what is wrong with it; `dmn` and `sheet` bring tables in and out.
"""
