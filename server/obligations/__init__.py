"""Who owes what by when: approvals, signatures, deadlines. One table, one inbox, one clock.

Rules open obligations and meet them; people decide approvals; the sweep marks what is late and escalates it.
"""
