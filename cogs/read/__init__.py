"""/latest, /search and /why.

Each makes a viewer first, and answers the reader alone. To word another reason in `/why`, add it to `why_texts`.
"""
