"""Texts that try to end a header and to begin another, or to name a reader of their own (SC8); and the headers that we send."""

from email.message import EmailMessage

HOSTILE = [
    "a\r\nBcc: thief@example.com",
    "a\nBcc: thief@example.com",
    "a\rBcc: thief@example.com",
    "a\r\n\r\nA body of my own",
    "a\x0bBcc: thief@example.com",
    "a\x0cBcc: thief@example.com",
    "a\x85Bcc: thief@example.com",
    "a\u2028Bcc: thief@example.com",
    "a\u2029Bcc: thief@example.com",
    "a\x00Bcc: thief@example.com",
    "=?utf-8?q?a=0D=0ABcc:_thief=40example.com?=",
    "=?utf-8?b?YQ0KQmNjOiB0aGllZkBleGFtcGxlLmNvbQ==?=",
    "a%0D%0ABcc: thief@example.com",
    "a\\r\\nBcc: thief@example.com",
    "ä\r\nBcc: thief@example.com",
    "a\r\n Bcc: thief@example.com",
    "a\r\n\tBcc: thief@example.com",
    f"{'a' * 1200}\r\nBcc: thief@example.com",
    f"{'ä' * 300}\nBcc: thief@example.com",
    "\r\n.\r\nMAIL FROM:<thief@example.com>",
    "a\r\nTo: thief@example.com",
    "a\r\nCc: thief@example.com",
    "a\r\nReply-To: thief@example.com",
    "a\r\nContent-Type: text/html\r\n\r\n<b>bold</b>",
    "a\r\r\nBcc: thief@example.com",
    "a\n\rBcc: thief@example.com",
    "a\x1cBcc: thief@example.com",
    "a\x1dBcc: thief@example.com",
    "a\x1eBcc: thief@example.com",
    "a\x04\x1a\nBcc: thief@example.com",
    "a\u560a\u560dBcc: thief@example.com",
    "a\ufeff\r\nBcc: thief@example.com",
    "a\u202e\r\nBcc: thief@example.com",
    "a&#13;&#10;Bcc: thief@example.com",
    "a%0aBcc: thief@example.com",
    "a+AA0ACg-Bcc: thief@example.com",
    "=?utf-8?q?a?=\r\n =?utf-8?q?=0ABcc=3A_thief=40example.com?=",
    "=?utf-7?q?a+AA0ACg-Bcc:_thief@example.com?=",
    "a\r\n--===============1==\r\nContent-Type: text/html\r\n\r\n<b>bold</b>",
    "a\r\n.\r\nQUIT\r\n",
]
HEADERS = ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"]
OF_THE_SERVER = {"X-Peer", "X-MailFrom", "X-RcptTo"}


def headers_of(message: EmailMessage) -> list[str]:
    """Name the headers that *message* came with, each as often as it stands there."""
    return sorted(name for name in message.keys() if name not in OF_THE_SERVER)  # noqa: SIM118 - a message is no mapping
