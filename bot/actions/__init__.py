"""What a support agent would do, run by the action server: one action a file."""
