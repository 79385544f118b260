"""Metadata to tables: SQLAlchemy Core tables per DocType, migrations, records, queries, number series, audit chain, files.

Never ORM classes; explicit column lists everywhere; the same behaviour on SQLite and PostgreSQL.
"""
