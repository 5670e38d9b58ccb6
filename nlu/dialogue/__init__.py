"""What words mean for what is open: answers, corrections, removals, and the word or two that taps a card."""
