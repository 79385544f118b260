"""DocType, DocField and their relatives as immutable typed models: read, check, compare, keep. Knows no SQL and no Flask."""
