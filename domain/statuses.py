"""Which states of a record mean that it counts. A proposal is nobody's business before it is confirmed."""

STANDING = ("confirmed", "submitted", "approved", "paid")
"""What somebody vouched for, and nobody refused or took back."""
COUNTS = (*STANDING, "rejected")
"""What happened, however it was decided."""
