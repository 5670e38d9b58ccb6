"""From the minutes of a meeting, written or heard, to its to-dos: what, who, until when."""
