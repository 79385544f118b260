"""Guiju (规矩): a low-code form-and-rules server.

The packages below are layers; each imports only from those named before it:
core, expressions, metadata, storage, access, rulebook / obligations / workflow, documents, printing, jobs,
then the edges api, desk and admin, and last `app` and `cli`, which wire them together.
"""

__version__ = "0.1.0"
