"""Does nothing, on any Python."""
import sys
import time

sys.stdout.write("READY\n")
sys.stdout.flush()
time.sleep(3600)
