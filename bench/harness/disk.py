"""A tmpfs that can be made full and enlarged again. Only root may mount it."""

import asyncio
import os
from pathlib import Path

ROOM = "2g"
"""The size of the disk when it is not full; a tmpfs uses memory only for its content."""


class Disk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_mounted = False
        self.refusal = ""
        """Why the disk could not be mounted."""

    async def mount(self, uid: int, gid: int) -> bool:
        """Mounts the tmpfs, owned by that user. False, with `refusal` set, where mounting is not permitted."""
        self.folder.mkdir()
        if os.geteuid() != 0:
            self.refusal = "only root may mount a disk"
            return False
        options = f"size={ROOM},mode=0700,uid={uid},gid={gid}"
        try:
            await _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder))
        except (OSError, RuntimeError) as error:
            self.refusal = str(error)
            return False
        self.is_mounted = True
        return True

    async def fill(self) -> None:
        """Shrinks the disk to the size of its content, so that no page is free."""
        status = os.statvfs(self.folder)
        used = (status.f_blocks - status.f_bfree) * status.f_frsize
        # Fails when more was written after the size was read.
        while not await self._resize(str(used)):
            used += 16 * status.f_frsize

    async def give_room(self) -> None:
        if not await self._resize(ROOM):
            raise RuntimeError(f"{self.folder} gets no room")

    async def unmount(self) -> None:
        if self.is_mounted:
            await _run("umount", "-l", str(self.folder))
            self.is_mounted = False

    async def _resize(self, size: str) -> bool:
        try:
            await _run("mount", "-o", f"remount,size={size}", str(self.folder))
        except RuntimeError:
            return False
        return True


async def _run(*command: str) -> None:
    """Raises RuntimeError with the program's error output when it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)
    _, words = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(words.decode().strip() or f"{command[0]} ended with {process.returncode}")
