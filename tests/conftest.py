"""Settings that all tests share."""

from hypothesis import settings

# how long one example takes says more about the load of the machine than about the code
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
