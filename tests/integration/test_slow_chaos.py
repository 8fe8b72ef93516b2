"""The chaos test with a hundred thousand requests, half of them writes."""

import unittest

import test_chaos


class LongChaosTest(test_chaos.ChaosTest):
    REQUESTS = 100000


del test_chaos  # Its own test is another file's.

if __name__ == "__main__":
    unittest.main()
