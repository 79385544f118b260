"""What every layer shares: text in two languages, errors, clock, ids, settings. Imports nothing of ours."""
