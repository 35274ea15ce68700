"""Web addresses: their spelling, who owns them, and how they are shown without the secrets in them. Pure, and below everything else.

To mask another kind of secret, add its name to `secret_names`, and a row to tests/addresses/test_masking.py.
"""

from bot.addresses.masking import MASK, has_secret, secrets_in, shown, site_of, unescaped
from bot.addresses.text_redaction import Scrubber, is_strong, redacted

__all__ = ["MASK", "Scrubber", "has_secret", "is_strong", "redacted", "secrets_in", "shown", "site_of", "unescaped"]
