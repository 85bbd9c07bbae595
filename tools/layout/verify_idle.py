"""An idle program for interpreters that are to be refused, Python 2 included."""

import sys
import time

sys.stdout.write("READY\n")
sys.stdout.flush()
time.sleep(3600)
