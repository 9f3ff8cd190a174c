"""Secrets are masked in whatever goes into a prompt, and put back into what comes out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# A detector that cries at every long word would mask code: known forms, long hexadecimal strings, assigned passwords.
_PLUGINS = (
    "ArtifactoryDetector",
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "HexHighEntropyString",
    "JwtTokenDetector",
    "KeywordDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_PLACEHOLDER = re.compile(r"SECRET_\d+_MASKED")


@dataclass(slots=True)
class Mask:
    """One conversation's secrets: the same one has the same placeholder throughout."""

    known: dict[str, str] = field(default_factory=dict[str, str])

    def hide(self, text: str) -> str:
        """The text with a placeholder for each secret (detect-secrets: keys and tokens of known forms, assigned
        passwords)."""
        for secret in sorted(_secrets(text), key=len, reverse=True):
            self.known.setdefault(secret, f"SECRET_{len(self.known) + 1}_MASKED")
        for secret in sorted(self.known, key=len, reverse=True):
            text = text.replace(secret, self.known[secret])
        return text

    def show(self, text: str) -> str:
        """The text with the secrets back in their places."""
        back = {placeholder: secret for secret, placeholder in self.known.items()}
        return _PLACEHOLDER.sub(lambda found: back.get(found[0], found[0]), text)


def _is_secret(kind: str, value: str) -> bool:
    """Short words of the letters a to f are hexadecimal too, and no secret."""
    return len(value) >= (20 if "Entropy" in kind else 6)


def _secrets(text: str) -> set[str]:
    from detect_secrets.core.scan import scan_line  # 0.14 s to load: only where a model is asked
    from detect_secrets.settings import transient_settings

    found = {match[0] for match in _KEY_BLOCK.finditer(text)}
    with transient_settings({"plugins_used": [{"name": name} for name in _PLUGINS]}):
        for line in text.splitlines() or [""]:
            found |= {one.secret_value or "" for one in scan_line(line) if _is_secret(one.type, one.secret_value or "")}
    return found
