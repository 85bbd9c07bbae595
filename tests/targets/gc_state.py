"""Says what gc says of itself, then stays."""
import gc
import json
import sys
import time

if "off" in sys.argv:
    gc.disable()
if "frozen" in sys.argv:
    gc.freeze()
if "thresholds" in sys.argv:
    gc.set_threshold(512, 7, 9)
for generation in (0, 0, 0, 1, 1, 2):
    for _ in range(10):
        cycle = []
        cycle.append(cycle)
    gc.collect(generation)
young = [[] for _ in range(100)]
state = {
    "enabled": gc.isenabled(),
    "threshold": gc.get_threshold(),
    "frozen": gc.get_freeze_count(),
    "garbage": len(gc.garbage),
    "debug_flags": gc.get_debug(),
    "stats": gc.get_stats(),
    "count": gc.get_count(),
}
print("READY", json.dumps(state), flush=True)
time.sleep(3600)
