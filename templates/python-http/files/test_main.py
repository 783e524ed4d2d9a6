import unittest

from main import greeting


class GreetingTest(unittest.TestCase):
    def test_names_the_path(self):
        self.assertEqual(greeting("/here"), "Hello from /here\n")
