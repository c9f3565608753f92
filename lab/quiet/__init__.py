"""What can only be measured on a machine that does nothing else: a command each, of at most four minutes."""
