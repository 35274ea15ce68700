"""Masking: addresses and texts as anybody may read them. Pure, and below everything else."""

from bot.masking.address import MASK, has_secret, secrets_in, shown, site_of, unescaped
from bot.masking.text import Scrubber, is_strong, redacted

__all__ = ["MASK", "Scrubber", "has_secret", "is_strong", "redacted", "secrets_in", "shown", "site_of", "unescaped"]
