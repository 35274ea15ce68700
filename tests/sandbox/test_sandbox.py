"""The sandbox as a process: an address soon, a page there, and a clean end."""

import asyncio
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

pytest.importorskip("simcord", reason="SANDBOX NOT TESTED: simcord is not installed (riverpost[sandbox])")


@pytest.mark.e2e
async def test_the_sandbox_serves_its_page_and_ends_cleanly_on_sigterm() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "sandbox",
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        assert line.startswith("Sandbox: http://127.0.0.1:")
        async with aiohttp.ClientSession() as session, session.get(line.split(": ", 1)[1].strip()) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        errors = (await asyncio.wait_for(process.stderr.read(), 30)).decode()
        assert await asyncio.wait_for(process.wait(), 30) == 0
        assert "Traceback" not in errors
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
