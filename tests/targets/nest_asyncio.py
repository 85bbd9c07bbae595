"""A stand-in for the package of this name: lets a loop run inside of its own callbacks."""

import asyncio


def run_until_complete(self, future):
    f = asyncio.ensure_future(future, loop=self)
    while not f.done():
        self._run_once()
    return f.result()


def _run_once(self):
    ready = self._ready
    self._process_events(self._selector.select(0 if ready else None))
    end_time = self.time()
    for _ in range(len(ready)):
        handle = ready.popleft()
        current = asyncio.tasks._current_tasks.pop(self, None)
        handle._run()
        if current is not None:
            asyncio.tasks._current_tasks[self] = current
    return end_time


def apply():
    loop = asyncio.BaseEventLoop
    loop.run_until_complete = run_until_complete
    loop._run_once = _run_once
