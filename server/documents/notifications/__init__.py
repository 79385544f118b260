"""Notifications: who is told what, by which channel, in which words and when; and webhooks, which tell programs."""
