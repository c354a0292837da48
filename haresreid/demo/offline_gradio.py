"""gradio, which must be told before it is imported that the pages work without a network."""

import os

os.environ.setdefault('GRADIO_ANALYTICS_ENABLED', 'False')
import gradio as gr

__all__ = ['gr']
