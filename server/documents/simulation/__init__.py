"""Simulation: what a rule would have done to the records of a period, judged as they were then. Nothing is changed by it.

`replay` moves the records concerned through their history in a scratch database, `judging` judges each save at its place in
it, `service` keeps runs for people to look at. What is asked and what comes of it stands in `model`.
"""
