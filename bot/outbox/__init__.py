"""What the assistant tells of its own accord, in any channel: with consent, once, and not at night."""
