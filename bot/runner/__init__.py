"""The wheel that turns: `inbox`, `steps`, `outbox`, and the `desk` where a person answers."""
