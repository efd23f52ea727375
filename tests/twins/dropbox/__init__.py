"""A Dropbox of our own, written from its public Stone contract and held to it by the types of the official SDK.

``Twin()`` serves it on a loopback port; ``python -m tests.twins.dropbox`` in a process. What it holds is one SQLite
database, so another process can put files into it, plan faults and look at what was written: ``Twin(file)``.
"""

from tests.twins.dropbox.faults import Fault
from tests.twins.dropbox.ledger import Write
from tests.twins.dropbox.twin import Person, Redirect, Twin

__all__ = ["Fault", "Person", "Redirect", "Twin", "Write"]
