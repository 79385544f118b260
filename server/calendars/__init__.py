"""Working calendars: which hours are worked, and arithmetic in them. Pure; nothing here reads a database or the clock.

`hours` has the calendar and its arithmetic, `term` a length of time that may be counted in it, `china` what the State Council
announces, `record` reads a calendar from a record of the DocType "Work Calendar". `deadline` is what follows from terms: due, warned of, escalated, with pauses.
"""
