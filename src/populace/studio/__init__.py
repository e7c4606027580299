"""The Synthetics Studio: pages in which a population is seen and steered, on the same server as the control API.

`mount` adds them to the API's application. A page is written on the server, from the operations and a template; small
scripts of ours keep it up to date by the API's stream, and send every change to `/api/v1`.
"""

from populace.studio.mount import mount

__all__ = ["mount"]
