"""Tells a person by a webhook; loaded only where one is set, so that others have no HTTP client at all."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.edge.alerts.web import TIME_LIMIT, request
from bot.edge.alerts.wording import Alert, as_json
from bot.errors import AlertNotTold, RejoinderError
from bot.ports import Clock
from bot.settings.values import Webhook

SIGNATURE = "X-Rejoinder-Signature"


@dataclass(frozen=True, kw_only=True)
class WebhookChannel:
    """JSON by POST, signed when there is a secret."""

    webhook: Webhook
    secret: Callable[[], str] | None
    clock: Clock
    names: bool = False
    name: str = "webhook"

    async def tell(self, alerts: Sequence[Alert]) -> str:
        """One POST. Raises AlertNotTold for everything but an answer of class 2."""
        body = as_json(alerts, self.clock.now(), names=self.names)
        try:
            async with asyncio.timeout(TIME_LIMIT + 10):  # a secret may come from a program
                return await asyncio.to_thread(self._post, body)
        except TimeoutError:
            raise AlertNotTold(f"{self.webhook.address.host} did not answer in time") from None

    def _post(self, body: bytes) -> str:
        headers = {"Content-Type": "application/json"}
        if self.secret is not None:
            try:
                headers[SIGNATURE] = signature(self.secret(), body)
            except RejoinderError as error:
                raise AlertNotTold(str(error)) from error
        status = request(self.webhook.address, "POST", body, headers)
        return f"{self.webhook.address.host} answered {status}"


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the HMAC-SHA256 (RFC 2104) of the body in hex, keyed with the secret's UTF-8."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()
