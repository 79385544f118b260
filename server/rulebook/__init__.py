"""Rules: read and checked from JSON, conditions decided by us, matched and chained by durable-rules, explained by a trace.

`model` says what a rule is, `check` finds its faults, `rulebook` judges records. The path of one judgement: `conditions` and
`operands` decide typed conditions ("atoms"), a `matcher` finds the rules that fire, `resolve` turns their consequences into
faults, warnings and effects. Which rule waits for which stands in `strata`.
"""
