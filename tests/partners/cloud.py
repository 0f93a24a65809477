"""The whole cloud profile on loopback: ear, brain and voice that the plugins take for real."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.partners.cartesia import Cartesia
from tests.partners.deepgram import Deepgram
from tests.partners.llama import Llama

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.partners.completions import Completions


@dataclass(frozen=True)
class Cloud:
    """The partners.

    Args:
        ear: Deepgram's part.
        brain: OpenAI's part.
        voice: Cartesia's part.
    """

    ear: Deepgram
    brain: Completions
    voice: Cartesia

    @property
    def settings(self) -> dict[str, str]:
        """What chooses the plugins and leads them here, without keys."""
        return {
            "OFFMIC_STT": "deepgram/nova-3",
            "OFFMIC_LLM": "openai/gpt-4.1-mini",
            "OFFMIC_TTS": "cartesia/sonic-3",
            **self.addresses,
        }

    @property
    def addresses(self) -> dict[str, str]:
        """What leads the plugins here, whatever chose them."""
        return {
            "DEEPGRAM_BASE_URL": f"{self.ear.url}/v1",
            "OPENAI_BASE_URL": f"{self.brain.url}/v1",
            "CARTESIA_BASE_URL": self.voice.url,
        }


@asynccontextmanager
async def running_cloud() -> AsyncIterator[Cloud]:
    """Run the three partners, with models behind them, for the length of a `with` block."""
    async with running(cloud := Cloud(Deepgram(), Llama(), Cartesia())):
        yield cloud


@asynccontextmanager
async def running(cloud: Cloud) -> AsyncIterator[None]:
    """Run these partners for the length of a `with` block."""
    partners = (cloud.ear, cloud.brain, cloud.voice)
    try:
        for partner in partners:
            await partner.listen()
        yield
    finally:
        for partner in partners:
            await partner.aclose()
