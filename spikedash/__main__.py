"""`python -m spikedash`."""

import sys

from spikedash.cli import main

sys.exit(main())
