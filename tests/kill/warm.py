"""Imported once by the process that all others are forked from: what they would each work out again at their start."""

from config import rulebook
from nlu.language.matching import compiled

compiled(rulebook.load())
