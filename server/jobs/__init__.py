"""What happens after the commit: the outbox, its worker, and the channels it delivers through."""
