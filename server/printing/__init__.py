"""Print formats to PDF: metadata and sandboxed templates give HTML, a worker process that can be killed gives the PDF.

`service.PrintService` is the door. `format` reads and checks print formats, `template` is the sandbox, `blocks` what formats
are built from, `default` the generated format; only `engine`, `line_breaker` and `page_breaks` know xhtml2pdf.
"""
