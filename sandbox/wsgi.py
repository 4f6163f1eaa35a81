"""The app for a WSGI server; settings that are not fit for it stop the server."""

import os

from sandbox.app import create_app

app = create_app(os.environ)
