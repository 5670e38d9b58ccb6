"""What an optional language model may add: it points at words, and the rules read them. See decisions/0007."""
